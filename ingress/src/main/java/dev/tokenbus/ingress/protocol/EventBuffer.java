package dev.tokenbus.ingress.protocol;

import dev.tokenbus.runtime.json.Utf8Buffer;
import org.jspecify.annotations.Nullable;

/**
 * A buffer of a stream's events in a framing. Each event knows its position in the log, {@code
 * <offset>.<index within the record>}, so that a client that names the last one it has seen gets
 * exactly the events after it. Not thread-safe.
 */
public final class EventBuffer extends Utf8Buffer {
  private static final long NOT_IN_LOG = -1;

  private final Framing framing;
  private final @Nullable EventPosition after;
  private long offset = NOT_IN_LOG;
  private int index;
  private int start;

  /**
   * Creates an empty buffer.
   *
   * @param after the buffer omits events up to and including this one; null omits none
   */
  public EventBuffer(Framing framing, @Nullable EventPosition after) {
    this.framing = framing;
    this.after = after;
  }

  /** Sets the offset of the record whose events follow. */
  public void atRecord(long recordOffset) {
    offset = recordOffset;
    index = 0;
  }

  /** The events that follow are not in the log: they have no position and are never omitted. */
  public void outsideLog() {
    offset = NOT_IN_LOG;
    index = 0;
  }

  /** Begins an event without a name. */
  public void begin() {
    begin(null);
  }

  /** Begins an event. */
  public void begin(@Nullable String name) {
    start = length();
    framing.begin(this, offset, index, name);
  }

  /** Ends the event. */
  public void end() {
    framing.end(this);
    if (after != null
        && offset != NOT_IN_LOG
        && after.compareTo(new EventPosition(offset, index)) >= 0) {
      truncate(start);
    }
    index++;
  }

  /** Discards the contents once they have been sent. */
  public void clear() {
    truncate(0);
  }
}
