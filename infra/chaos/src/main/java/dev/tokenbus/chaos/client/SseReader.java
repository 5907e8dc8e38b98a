package dev.tokenbus.chaos.client;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;

/**
 * Parses server-sent events (WHATWG HTML, section 9.2.6) as far as chat streams use them. An event
 * is complete when its blank line has arrived.
 *
 * <p>Not thread-safe.
 */
final class SseReader {
  private final ResponseBodyReader body;
  private final Duration readLimit;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private final Queue<SseEvent> ready = new ArrayDeque<>();
  private String id = "";
  private StringBuilder data = new StringBuilder();

  /**
   * Reads nothing yet.
   *
   * @param readLimit time without a byte after which the connection counts as dead; longer than the
   *     heartbeat
   */
  SseReader(ResponseBodyReader body, Duration readLimit) {
    this.body = body;
    this.readLimit = readLimit;
  }

  /** The next event; empty at the end of the body. */
  Optional<SseEvent> next() throws IOException, InterruptedException {
    while (ready.isEmpty()) {
      List<ByteBuffer> buffers = body.next(readLimit);
      if (buffers.isEmpty()) {
        return Optional.empty();
      }
      for (ByteBuffer buffer : buffers) {
        while (buffer.hasRemaining()) {
          take(buffer.get());
        }
      }
    }
    return Optional.of(ready.remove());
  }

  private void take(byte next) {
    if (next == '\n') {
      String text = line.toString(StandardCharsets.UTF_8);
      line.reset();
      endLine(text.endsWith("\r") ? text.substring(0, text.length() - 1) : text);
    } else {
      line.write(next);
    }
  }

  private void endLine(String text) {
    if (text.isEmpty()) {
      if (!data.isEmpty()) {
        ready.add(new SseEvent(id, data.toString()));
      }
      id = "";
      data = new StringBuilder();
    } else if (text.startsWith("id:")) {
      id = text.substring(3).strip();
    } else if (text.startsWith("data:")) {
      data.append(text.substring(5).strip());
    }
  }
}
