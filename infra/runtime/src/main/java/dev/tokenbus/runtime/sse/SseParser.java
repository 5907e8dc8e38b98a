package dev.tokenbus.runtime.sse;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Splits a byte stream into server-sent events, whatever pieces it arrives in (WHATWG HTML, section
 * 9.2, "server-sent events"). Works on bytes: a line ends at CR, LF or CRLF alone, bytes that never
 * occur inside a UTF-8 sequence, so pieces may be cut anywhere and U+2028, U+2029 and U+0085 are
 * text.
 *
 * <p>Only the {@code data} and {@code event} fields are read. Comments, {@code id}, {@code retry}
 * and unknown fields are passed over. Unlike a browser it also gives out an event that the end of
 * the stream cut off before its blank line, and says so, since some providers never send that last
 * blank line.
 *
 * <p>Not thread-safe.
 */
public final class SseParser {
  /** Takes the events; the array is the parser's own and is overwritten after the call. */
  public interface Sink {
    /**
     * Takes the data of one event.
     *
     * @param error whether the event's type is {@code error}
     * @param cut whether the stream ended before the event did
     */
    void event(byte[] bytes, int from, int length, boolean error, boolean cut);
  }

  /** A line or an event is longer than allowed. */
  public static final class TooLongException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TooLongException(int limit) {
      super("an event of the stream is longer than " + limit + " bytes");
    }
  }

  private static final byte[] DATA = {'d', 'a', 't', 'a'};
  private static final byte[] EVENT = {'e', 'v', 'e', 'n', 't'};
  private static final byte[] ERROR = {'e', 'r', 'r', 'o', 'r'};
  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};
  private static final int FIRST_CAPACITY = 8 * 1024;

  private final int limit;
  private final Sink sink;

  /** Bytes of the line under way; {@code scanned} of them are known to hold no line end. */
  private byte[] line = new byte[FIRST_CAPACITY];

  private int lineEnd;
  private int scanned;

  private byte[] data = new byte[FIRST_CAPACITY];
  private int dataLength;
  private boolean hasData;
  private boolean error;

  private boolean lineFeedFollows;
  private boolean begun;

  /**
   * @param limit most bytes of one event, and of one line
   */
  public SseParser(int limit, Sink sink) {
    this.limit = limit;
    this.sink = sink;
  }

  /**
   * Takes the next piece and gives out the events that it completes.
   *
   * @throws TooLongException if a line or an event exceeds the limit; the parser is of no use
   *     afterwards
   */
  public void feed(ByteBuffer piece) {
    int length = piece.remaining();
    line = withRoom(line, lineEnd, length);
    piece.get(line, lineEnd, length);
    lineEnd += length;
    int from = 0;
    for (int i = scanned; i < lineEnd; i++) {
      byte b = line[i];
      if (b == '\n' && lineFeedFollows) {
        lineFeedFollows = false;
        from = i + 1;
      } else if (b == '\n' || b == '\r') {
        lineFeedFollows = b == '\r';
        takeLine(from, i);
        from = i + 1;
      } else {
        lineFeedFollows = false;
      }
    }
    System.arraycopy(line, from, line, 0, lineEnd - from);
    lineEnd -= from;
    scanned = lineEnd;
    requireWithinLimit(lineEnd);
  }

  /** The stream has ended: gives out what stands behind the last blank line, if anything. */
  public void end() {
    if (lineEnd > 0) {
      takeLine(0, lineEnd);
      lineEnd = 0;
      scanned = 0;
    }
    dispatch(true);
  }

  private void takeLine(int from, int to) {
    int start = from;
    if (!begun) {
      begun = true;
      if (startsWith(BYTE_ORDER_MARK, start, to)) {
        start += BYTE_ORDER_MARK.length;
      }
    }
    if (start == to) {
      dispatch(false);
      return;
    }
    int colon = start;
    while (colon < to && line[colon] != ':') {
      colon++;
    }
    int value = Math.min(to, colon + 1);
    if (value < to && line[value] == ' ') {
      value++;
    }
    if (is(DATA, start, colon)) {
      takeData(value, to);
    } else if (is(EVENT, start, colon)) {
      error = is(ERROR, value, to);
    }
  }

  private void takeData(int from, int to) {
    int length = to - from;
    requireWithinLimit(dataLength + length);
    data = withRoom(data, dataLength, length + 1);
    if (hasData) {
      data[dataLength++] = '\n';
    }
    System.arraycopy(line, from, data, dataLength, length);
    dataLength += length;
    hasData = true;
  }

  private void dispatch(boolean cut) {
    int length = dataLength;
    boolean given = hasData;
    boolean errorEvent = error;
    dataLength = 0;
    hasData = false;
    error = false;
    if (given) {
      sink.event(data, 0, length, errorEvent, cut);
    }
  }

  private void requireWithinLimit(int length) {
    if (length > limit) {
      throw new TooLongException(limit);
    }
  }

  private boolean startsWith(byte[] word, int from, int to) {
    return to - from >= word.length && is(word, from, from + word.length);
  }

  private boolean is(byte[] word, int from, int to) {
    return Arrays.equals(line, from, to, word, 0, word.length);
  }

  private static byte[] withRoom(byte[] bytes, int used, int more) {
    int needed = Math.addExact(used, more);
    return needed <= bytes.length
        ? bytes
        : Arrays.copyOf(
            bytes, Math.max(needed, Math.min(bytes.length * 2, bytes.length + (1 << 24))));
  }
}
