package dev.tokenbus.bench.provider.behaviour;

/**
 * How the bytes of a stream are written. All of it is legal SSE, except that OpenAI always sends
 * {@code [DONE]}.
 *
 * @param splitBytes 0, or the most bytes per write: events are split anywhere, also inside a
 *     character, a millisecond apart
 * @param burst tokens that come together in one write
 * @param crlf lines end with CR LF
 * @param comments a comment stands before every event
 * @param done whether {@code data: [DONE]} ends the stream
 * @param usage whether usage is reported at all
 */
public record Wire(
    int splitBytes, int burst, boolean crlf, boolean comments, boolean done, boolean usage) {
  /** As OpenAI writes it. */
  public static final Wire PLAIN = new Wire(0, 1, false, false, true, true);

  public Wire {
    if (splitBytes < 0 || burst < 1) {
      throw new IllegalArgumentException(
          "splitBytes must be 0 or more and burst 1 or more: " + splitBytes + ", " + burst);
    }
  }

  public Wire withSplitBytes(int value) {
    return new Wire(value, burst, crlf, comments, done, usage);
  }

  public Wire withBurst(int value) {
    return new Wire(splitBytes, value, crlf, comments, done, usage);
  }

  public Wire withCrlf(boolean value) {
    return new Wire(splitBytes, burst, value, comments, done, usage);
  }

  public Wire withComments(boolean value) {
    return new Wire(splitBytes, burst, crlf, value, done, usage);
  }

  public Wire withDone(boolean value) {
    return new Wire(splitBytes, burst, crlf, comments, value, usage);
  }

  public Wire withUsage(boolean value) {
    return new Wire(splitBytes, burst, crlf, comments, done, value);
  }
}
