package dev.tokenbus.chaos.client;

/** Describes where two texts begin to differ. */
public final class TextDifference {
  private static final int CONTEXT = 30;

  private TextDifference() {}

  /** Where, and what stands there in each. */
  public static String of(String expected, String found) {
    int at = 0;
    while (at < expected.length()
        && at < found.length()
        && expected.charAt(at) == found.charAt(at)) {
      at++;
    }
    return "%d characters instead of %d; from character %d on \"%s\" instead of \"%s\""
        .formatted(found.length(), expected.length(), at, around(found, at), around(expected, at));
  }

  private static String around(String text, int at) {
    return text.substring(Math.min(at, text.length()), Math.min(text.length(), at + CONTEXT));
  }
}
