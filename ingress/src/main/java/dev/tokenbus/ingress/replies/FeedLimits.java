package dev.tokenbus.ingress.replies;

/**
 * How much of one request's answer may wait in memory for a client that reads slowly. Beyond it,
 * the records stay where they are, in the log, and are read from there at the client's pace.
 *
 * @param records at most waiting
 * @param bytes at most waiting, as counted on the topic; a single record may be larger
 */
public record FeedLimits(int records, int bytes) {
  public FeedLimits {
    if (records < 1 || bytes < 1) {
      throw new IllegalArgumentException(
          "A feed needs room for at least one record: "
              + records
              + " records, "
              + bytes
              + " bytes");
    }
  }
}
