package dev.tokenbus.bench.http;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects a start line and its header fields (RFC 9112 sections 2 to 5), split anywhere. */
final class HeadReader {
  private final int maxBytes;
  private byte[] bytes = new byte[1024];
  private int length;

  HeadReader(int maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** Takes bytes up to the empty line and returns the head, or null when more is needed. */
  @Nullable Head read(ByteBuffer in) throws HttpFormatException {
    while (in.hasRemaining()) {
      byte next = in.get();
      if (length == 0 && (next == '\r' || next == '\n')) {
        continue; // RFC 9112 2.2: empty lines before a start line are ignored
      }
      append(next);
      if (next == '\n' && endsWithEmptyLine()) {
        Head head = parse(new String(bytes, 0, length, StandardCharsets.ISO_8859_1));
        length = 0;
        return head;
      }
    }
    return null;
  }

  boolean started() {
    return length > 0;
  }

  private void append(byte next) throws HttpFormatException {
    if (length == maxBytes) {
      throw new HttpFormatException(431, "header fields exceed " + maxBytes + " bytes");
    }
    if (length == bytes.length) {
      bytes = Arrays.copyOf(bytes, length * 2);
    }
    bytes[length++] = next;
  }

  private boolean endsWithEmptyLine() {
    return (length >= 2 && bytes[length - 2] == '\n')
        || (length >= 3 && bytes[length - 2] == '\r' && bytes[length - 3] == '\n');
  }

  private static Head parse(String text) throws HttpFormatException {
    String[] lines = text.split("\r?\n", -1);
    List<HeaderFields.Field> fields = new ArrayList<>();
    for (int i = 1; i < lines.length; i++) {
      String line = lines[i];
      if (line.isEmpty()) {
        continue;
      }
      int colon = line.indexOf(':');
      if (colon <= 0 || line.charAt(colon - 1) == ' ' || line.charAt(0) == ' ') {
        throw new HttpFormatException(400, "not a header field: " + line);
      }
      fields.add(
          new HeaderFields.Field(line.substring(0, colon), line.substring(colon + 1).strip()));
    }
    return new Head(lines[0], new HeaderFields(fields));
  }

  /** A start line, still to be taken apart, and the fields behind it. */
  record Head(String startLine, HeaderFields headers) {}
}
