package dev.tokenbus.projections.feed;

import java.time.Duration;

/**
 * How topics are read.
 *
 * @param consumers consumers per topic in this instance
 * @param batchRows most rows in one transaction
 * @param batchWait how long the broker may collect records for a small batch; on a quiet system a
 *     row is this late at most
 */
public record FeedSettings(int consumers, int batchRows, Duration batchWait) {
  private static final int MOST_CONSUMERS = 64;
  private static final int MOST_BATCH_ROWS = 10_000;

  public FeedSettings {
    requireFromOneTo(MOST_CONSUMERS, "PROJECTIONS_CONSUMERS", consumers);
    requireFromOneTo(MOST_BATCH_ROWS, "PROJECTIONS_BATCH_ROWS", batchRows);
    if (batchWait.isNegative()) {
      throw new IllegalArgumentException(
          "PROJECTIONS_BATCH_WAIT must be at least PT0S, was " + batchWait);
    }
  }

  private static void requireFromOneTo(int most, String name, int value) {
    if (value < 1 || value > most) {
      throw new IllegalArgumentException(
          "%s must be from 1 to %d, was %d".formatted(name, most, value));
    }
  }
}
