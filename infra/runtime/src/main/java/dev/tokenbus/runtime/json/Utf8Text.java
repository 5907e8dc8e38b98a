package dev.tokenbus.runtime.json;

/**
 * Checks that bytes are well-formed UTF-8 (Unicode 16, table 3-7) and that JSON's escapes in them
 * form no half surrogate pairs, in one pass and without copying. Jackson accepts overlong forms and
 * lone surrogates, and both would change silently on their way to the provider.
 */
public final class Utf8Text {
  private Utf8Text() {}

  /** Returns the position of the first invalid byte, or -1. */
  public static int firstFault(byte[] text) {
    int i = 0;
    while (i < text.length) {
      byte b = text[i];
      int step;
      if (b >= 0) {
        step = b == '\\' ? escape(text, i) : 1;
      } else {
        step = sequence(text, i);
      }
      if (step == 0) {
        return i;
      }
      i += step;
    }
    return -1;
  }

  /** Length of the escape at the position; 0 if it is half a surrogate pair. */
  private static int escape(byte[] text, int at) {
    int unit = unit(text, at);
    if (unit < 0 || !Character.isSurrogate((char) unit)) {
      // The parser rejects escapes that JSON does not know.
      return 2;
    }
    boolean pair =
        Character.isHighSurrogate((char) unit)
            && unit(text, at + 6) >= 0
            && Character.isLowSurrogate((char) unit(text, at + 6));
    return pair ? 12 : 0;
  }

  /**
   * The code unit that an escape of the form {@code \}{@code uXXXX} names; -1 if there is none at
   * the position.
   */
  private static int unit(byte[] text, int at) {
    if (at + 6 > text.length || text[at] != '\\' || text[at + 1] != 'u') {
      return -1;
    }
    int unit = 0;
    for (int i = at + 2; i < at + 6; i++) {
      int digit = Character.digit(text[i], 16);
      if (digit < 0) {
        return -1;
      }
      unit = (unit << 4) | digit;
    }
    return unit;
  }

  /** Length of the multi-byte sequence at the position; 0 if it is malformed. */
  private static int sequence(byte[] text, int at) {
    int lead = text[at] & 0xFF;
    int second = byteAt(text, at + 1);
    if (lead >= 0xC2 && lead <= 0xDF) {
      return continuation(second) ? 2 : 0;
    }
    if (lead >= 0xE0 && lead <= 0xEF) {
      boolean valid =
          continuation(second)
              && (lead != 0xE0 || second >= 0xA0)
              && (lead != 0xED || second <= 0x9F)
              && continuation(byteAt(text, at + 2));
      return valid ? 3 : 0;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
      boolean valid =
          continuation(second)
              && (lead != 0xF0 || second >= 0x90)
              && (lead != 0xF4 || second <= 0x8F)
              && continuation(byteAt(text, at + 2))
              && continuation(byteAt(text, at + 3));
      return valid ? 4 : 0;
    }
    return 0;
  }

  private static boolean continuation(int value) {
    return value >= 0x80 && value <= 0xBF;
  }

  private static int byteAt(byte[] text, int at) {
    return at < text.length ? text[at] & 0xFF : -1;
  }
}
