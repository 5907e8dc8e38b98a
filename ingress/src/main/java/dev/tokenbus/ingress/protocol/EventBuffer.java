package dev.tokenbus.ingress.protocol;

import org.jspecify.annotations.Nullable;

/**
 * Server-sent events, each with its place in the log as id: {@code <offset>.<index within the
 * record>}. A reader who knows the last id it has seen gets exactly what comes after it. Not
 * thread-safe.
 */
public final class EventBuffer extends Utf8Buffer {
  private final @Nullable EventPosition after;
  private long offset;
  private int index;
  private int start;

  /**
   * An empty buffer.
   *
   * @param after events up to and including this one are left out; null leaves none out
   */
  public EventBuffer(@Nullable EventPosition after) {
    this.after = after;
  }

  /** The events that follow come from the record at this offset. */
  public void atRecord(long recordOffset) {
    offset = recordOffset;
    index = 0;
  }

  /** Begins an event: its id, and the field name of its data. */
  public void begin() {
    start = length();
    ascii("id: ").number(offset).ascii(".").number(index).ascii("\ndata: ");
  }

  /** Ends the event that was begun. */
  public void end() {
    ascii("\n\n");
    if (after != null && after.compareTo(new EventPosition(offset, index)) >= 0) {
      truncate(start);
    }
    index++;
  }

  /** Forgets what has been written to the client. */
  public void clear() {
    truncate(0);
  }
}
