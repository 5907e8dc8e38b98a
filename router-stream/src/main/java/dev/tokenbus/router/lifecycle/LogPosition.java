package dev.tokenbus.router.lifecycle;

/** Where a request's accepted record, and with it its body, stands in topic {@code requests}. */
public record LogPosition(int partition, long offset) {
  public LogPosition {
    if (partition < 0 || offset < 0) {
      throw new IllegalArgumentException("Not a position: " + partition + "@" + offset);
    }
  }
}
