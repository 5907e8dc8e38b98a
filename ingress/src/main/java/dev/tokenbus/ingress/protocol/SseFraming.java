package dev.tokenbus.ingress.protocol;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.tokenbus.runtime.json.Utf8Buffer;
import org.jspecify.annotations.Nullable;

/**
 * Server-sent events.
 *
 * @param ids whether events carry their position as id, by which a client can resume
 * @param comments whether the clients understand comments; otherwise a heartbeat is a blank line
 * @see <a href="https://html.spec.whatwg.org/multipage/server-sent-events.html">HTML, server-sent
 *     events</a>
 */
public record SseFraming(boolean ids, boolean comments) implements Framing {
  /** A comment line alone: behind an id, Python SDKs take a blank line for an event. */
  private static final byte[] COMMENT = ": keep-alive\n".getBytes(US_ASCII);

  private static final byte[] BLANK = "\n".getBytes(US_ASCII);

  /** Ids and comments, as most clients understand them. */
  public static final SseFraming FULL = new SseFraming(true, true);

  /** Data lines and blank lines alone. */
  public static final SseFraming BARE = new SseFraming(false, false);

  public SseFraming {
    if (ids && !comments) {
      throw new IllegalArgumentException(
          "Behind an id a blank line is an event without data, so the heartbeat must be a comment");
    }
  }

  @Override
  public String contentType() {
    return "text/event-stream;charset=utf-8";
  }

  @Override
  public void begin(Utf8Buffer out, long offset, int index, @Nullable String name) {
    if (ids && offset >= 0) {
      out.ascii("id: ").number(offset).ascii(".").number(index).ascii("\n");
    }
    if (name != null) {
      out.ascii("event: ").ascii(name).ascii("\n");
    }
    out.ascii("data: ");
  }

  @Override
  public void end(Utf8Buffer out) {
    out.ascii("\n\n");
  }

  @Override
  public byte[] heartbeat() {
    return comments ? COMMENT : BLANK;
  }
}
