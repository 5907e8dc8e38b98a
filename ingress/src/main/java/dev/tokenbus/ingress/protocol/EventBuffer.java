package dev.tokenbus.ingress.protocol;

import org.jspecify.annotations.Nullable;

/**
 * A buffer of server-sent events. The id of an event is its position in the log, {@code
 * <offset>.<index within the record>}, so that a client that names the last id it has seen gets
 * exactly the events after it. Not thread-safe.
 */
public final class EventBuffer extends Utf8Buffer {
  private final @Nullable EventPosition after;
  private long offset;
  private int index;
  private int start;

  /**
   * Creates an empty buffer.
   *
   * @param after the buffer omits events up to and including this one; null omits none
   */
  public EventBuffer(@Nullable EventPosition after) {
    this.after = after;
  }

  /** Sets the offset of the record whose events follow. */
  public void atRecord(long recordOffset) {
    offset = recordOffset;
    index = 0;
  }

  /** Begins an event: writes its id and the name of its data field. */
  public void begin() {
    start = length();
    ascii("id: ").number(offset).ascii(".").number(index).ascii("\ndata: ");
  }

  /** Ends the event. */
  public void end() {
    ascii("\n\n");
    if (after != null && after.compareTo(new EventPosition(offset, index)) >= 0) {
      truncate(start);
    }
    index++;
  }

  /** Discards the contents once they have been sent. */
  public void clear() {
    truncate(0);
  }
}
