package dev.tokenbus.bench.load;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Cuts a body into the {@code data} lines of server-sent events. A line ends at LF, CR or CR LF and
 * at nothing else; other fields and comments are skipped.
 *
 * @see <a href="https://html.spec.whatwg.org/multipage/server-sent-events.html">Server-sent
 *     events</a>
 */
final class SseLines {
  private static final byte[] DATA = {'d', 'a', 't', 'a', ':'};

  private final Sink sink;
  private byte[] line = new byte[1024];
  private int length;

  SseLines(Sink sink) {
    this.sink = sink;
  }

  void take(ByteBuffer bytes) {
    while (bytes.hasRemaining()) {
      byte next = bytes.get();
      if (next == '\n' || next == '\r') {
        endLine(); // LF after CR ends an empty line, which means nothing here
      } else {
        if (length == line.length) {
          line = Arrays.copyOf(line, length * 2);
        }
        line[length++] = next;
      }
    }
  }

  private void endLine() {
    int end = length;
    length = 0;
    if (end < DATA.length || !Arrays.equals(line, 0, DATA.length, DATA, 0, DATA.length)) {
      return;
    }
    int start = end > DATA.length && line[DATA.length] == ' ' ? DATA.length + 1 : DATA.length;
    sink.data(line, start, end - start);
  }

  /** Takes what stands behind {@code data:}; the bytes are only valid during the call. */
  @FunctionalInterface
  interface Sink {
    void data(byte[] bytes, int offset, int length);
  }
}
