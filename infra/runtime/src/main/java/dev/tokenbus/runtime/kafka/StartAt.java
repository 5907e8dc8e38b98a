package dev.tokenbus.runtime.kafka;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;

/** Where in a partition reading begins. */
public sealed interface StartAt {
  /** At the first record that is kept. */
  record Beginning() implements StartAt {}

  /** Behind the last record there is when reading begins. */
  record End() implements StartAt {}

  /** At the record with this offset, or the first behind it that is kept. */
  record Offset(long offset) implements StartAt {
    public Offset {
      if (offset < 0) {
        throw new IllegalArgumentException("Offset " + offset + " is negative");
      }
    }
  }

  /**
   * At the first record whose timestamp is not earlier, and not before the offset {@code least}; at
   * the end where there is none. Timestamps are the writers' clocks, so leave room for their
   * difference.
   */
  record Since(Instant time, long least) implements StartAt {
    public Since(Instant time) {
      this(time, 0);
    }
  }

  /**
   * The offsets in numbers. Asks the broker.
   *
   * @throws org.apache.kafka.common.errors.TimeoutException if it does not answer within the limit
   */
  default Map<TopicPartition, Long> offsets(
      Consumer<?, ?> consumer, Collection<TopicPartition> partitions, Duration limit) {
    return switch (this) {
      case Beginning _ -> consumer.beginningOffsets(partitions, limit);
      case End _ -> consumer.endOffsets(partitions, limit);
      case Offset(long offset) ->
          partitions.stream().collect(Collectors.toMap(partition -> partition, _ -> offset));
      case Since(Instant time, long least) -> since(time, least, consumer, partitions, limit);
    };
  }

  private static Map<TopicPartition, Long> since(
      Instant time,
      long least,
      Consumer<?, ?> consumer,
      Collection<TopicPartition> partitions,
      Duration limit) {
    // The ends first: what is written between the two questions is then not passed over.
    Map<TopicPartition, Long> starts = new HashMap<>(consumer.endOffsets(partitions, limit));
    long millis = Math.max(0, time.toEpochMilli());
    Map<TopicPartition, OffsetAndTimestamp> found =
        consumer.offsetsForTimes(
            partitions.stream().collect(Collectors.toMap(partition -> partition, _ -> millis)),
            limit);
    found.entrySet().stream()
        .filter(entry -> entry.getValue() != null)
        .forEach(
            entry -> starts.put(entry.getKey(), Objects.requireNonNull(entry.getValue()).offset()));
    starts.replaceAll((_, offset) -> Math.max(least, offset));
    return starts;
  }
}
