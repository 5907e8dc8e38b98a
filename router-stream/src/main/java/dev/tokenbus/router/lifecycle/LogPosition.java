package dev.tokenbus.router.lifecycle;

/**
 * The position of a request's accepted record in topic {@code requests}.
 *
 * @param bytes size of the record's value
 */
public record LogPosition(int partition, long offset, long bytes) {
  public LogPosition {
    if (partition < 0 || offset < 0 || bytes < 0) {
      throw new IllegalArgumentException(
          "Not a position: " + partition + "@" + offset + ", " + bytes + " bytes");
    }
  }
}
