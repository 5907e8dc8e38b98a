package dev.tokenbus.ingress.replies.live;

/**
 * How much of one request's response may wait in memory for a slow client. Beyond these limits the
 * records are read from the log at the client's pace.
 *
 * @param records how many records may wait
 * @param bytes how many bytes may wait, as counted on the topic; a single record may be larger
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
