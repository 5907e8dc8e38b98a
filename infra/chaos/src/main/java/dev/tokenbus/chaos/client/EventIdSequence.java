package dev.tokenbus.chaos.client;

/**
 * Checks ids of events, {@code <offset>.<n>}: each must be higher than the one before, whatever
 * connection it came over.
 *
 * <p>Not thread-safe.
 */
final class EventIdSequence {
  private String last = "";
  private long offset = -1;
  private long within = -1;

  /** The id of the last event; empty before the first. */
  String last() {
    return last;
  }

  /** Takes the next id; false if it does not follow. */
  boolean accept(String id) {
    int dot = id.indexOf('.');
    if (dot < 0) {
      return false;
    }
    try {
      long newOffset = Long.parseLong(id.substring(0, dot));
      long newWithin = Long.parseLong(id.substring(dot + 1));
      boolean follows = newOffset > offset || (newOffset == offset && newWithin > within);
      offset = newOffset;
      within = newWithin;
      last = id;
      return follows;
    } catch (NumberFormatException e) {
      return false;
    }
  }
}
