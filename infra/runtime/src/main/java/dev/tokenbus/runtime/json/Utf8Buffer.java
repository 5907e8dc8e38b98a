package dev.tokenbus.runtime.json;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A growing buffer of UTF-8 for writing JSON without a tree, a generator, or an allocation per
 * token. Not thread-safe.
 */
public class Utf8Buffer {
  private static final int INITIAL_BYTES = 512;
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  private byte[] bytes = new byte[INITIAL_BYTES];
  private int length;

  public final int length() {
    return length;
  }

  public final void writeTo(OutputStream out) throws IOException {
    out.write(bytes, 0, length);
  }

  public final byte[] toByteArray() {
    return Arrays.copyOf(bytes, length);
  }

  /** Discards everything behind the given length. */
  public final void truncate(int newLength) {
    length = Math.min(length, newLength);
  }

  /** Appends bytes that are UTF-8 already. */
  public final Utf8Buffer raw(byte[] utf8) {
    ensure(utf8.length);
    System.arraycopy(utf8, 0, bytes, length, utf8.length);
    length += utf8.length;
    return this;
  }

  /** Appends text of characters below U+0080. */
  @SuppressWarnings(
      "deprecation") // the one method that copies Latin-1 text without an array between
  public final Utf8Buffer ascii(String text) {
    int count = text.length();
    ensure(count);
    text.getBytes(0, count, bytes, length);
    length += count;
    return this;
  }

  public final Utf8Buffer number(long value) {
    return ascii(Long.toString(value));
  }

  /**
   * Appends a JSON string with its quotes. It escapes only what JSON requires, so U+2028 and U+2029
   * remain text; it also escapes half a surrogate pair, which UTF-8 cannot carry.
   */
  public final Utf8Buffer string(String text) {
    int count = text.length();
    ensure(count + 2);
    bytes[length++] = '"';
    for (int i = 0; i < count; i++) {
      char c = text.charAt(i);
      if (c < 0x80) {
        if (c >= 0x20 && c != '"' && c != '\\') {
          ensure(count - i + 1);
          bytes[length++] = (byte) c;
        } else {
          escaped(c);
        }
      } else if (!Character.isSurrogate(c)) {
        character(c);
      } else if (Character.isHighSurrogate(c)
          && i + 1 < count
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        supplementary(Character.toCodePoint(c, text.charAt(++i)));
      } else {
        unicode(c);
      }
    }
    ensure(1);
    bytes[length++] = '"';
    return this;
  }

  /**
   * Appends a comma and the members of a JSON object. Line breaks between tokens become spaces,
   * since an event is one line.
   *
   * @param object the text of a valid JSON object
   */
  public final Utf8Buffer members(String object) {
    int start = object.indexOf('{') + 1;
    int end = object.lastIndexOf('}');
    if (start == 0 || end < start || object.substring(start, end).isBlank()) {
      return this;
    }
    byte[] utf8 = object.substring(start, end).getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < utf8.length; i++) {
      if (utf8[i] == '\n' || utf8[i] == '\r') {
        utf8[i] = ' ';
      }
    }
    return ascii(",").raw(utf8);
  }

  private void escaped(char c) {
    switch (c) {
      case '"' -> ascii("\\\"");
      case '\\' -> ascii("\\\\");
      case '\n' -> ascii("\\n");
      case '\r' -> ascii("\\r");
      case '\t' -> ascii("\\t");
      default -> unicode(c);
    }
  }

  private void unicode(char c) {
    ensure(6);
    bytes[length++] = '\\';
    bytes[length++] = 'u';
    for (int shift = 12; shift >= 0; shift -= 4) {
      bytes[length++] = HEX[(c >> shift) & 0xF];
    }
  }

  private void character(char c) {
    ensure(3);
    if (c < 0x800) {
      bytes[length++] = (byte) (0xC0 | (c >> 6));
    } else {
      bytes[length++] = (byte) (0xE0 | (c >> 12));
      bytes[length++] = (byte) (0x80 | ((c >> 6) & 0x3F));
    }
    bytes[length++] = (byte) (0x80 | (c & 0x3F));
  }

  private void supplementary(int codePoint) {
    ensure(4);
    bytes[length++] = (byte) (0xF0 | (codePoint >> 18));
    bytes[length++] = (byte) (0x80 | ((codePoint >> 12) & 0x3F));
    bytes[length++] = (byte) (0x80 | ((codePoint >> 6) & 0x3F));
    bytes[length++] = (byte) (0x80 | (codePoint & 0x3F));
  }

  private void ensure(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(length + more, bytes.length * 2));
    }
  }
}
