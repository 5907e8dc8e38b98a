package dev.tokenbus.schemas.replies;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;

/**
 * Where to begin to read a request's records in its partition of {@code replies}, when nothing is
 * known but the time in its id.
 */
public final class ReplyOffsets {
  /** Writers' clocks may be behind the one that made the id. */
  private static final Duration CLOCK_DIFFERENCE = Duration.ofSeconds(10);

  private ReplyOffsets() {}

  /**
   * Finds an offset that is not behind the first record of any request accepted at the time or
   * later. Asks the broker.
   *
   * @param end to return where the partition holds nothing that young
   * @param limit how long to wait for the broker
   * @throws org.apache.kafka.common.errors.TimeoutException if it does not answer in time
   */
  public static long offset(
      Consumer<?, ?> consumer,
      TopicPartition partition,
      Instant acceptedAt,
      long end,
      Duration limit) {
    long since = Math.max(0, acceptedAt.minus(CLOCK_DIFFERENCE).toEpochMilli());
    OffsetAndTimestamp found =
        consumer.offsetsForTimes(Map.of(partition, since), limit).get(partition);
    return found == null ? end : found.offset();
  }
}
