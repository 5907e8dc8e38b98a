package dev.tokenbus.router.lifecycle;

/**
 * The position of a request's accepted record, and with it of its body, in topic {@code requests}.
 */
public record LogPosition(int partition, long offset) {
  public LogPosition {
    if (partition < 0 || offset < 0) {
      throw new IllegalArgumentException("Not a position: " + partition + "@" + offset);
    }
  }
}
