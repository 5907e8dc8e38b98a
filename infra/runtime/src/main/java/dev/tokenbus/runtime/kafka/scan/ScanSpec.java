package dev.tokenbus.runtime.kafka.scan;

import dev.tokenbus.runtime.kafka.StartAt;
import dev.tokenbus.schemas.serde.RecordDecoder;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * A part of a partition that is to be read once.
 *
 * @param end offset behind the last record that is wanted; empty for the end that the partition has
 *     when reading begins
 * @param keys records with other keys are passed over undecoded; empty for all records
 * @param limit how long the scan may take, waits and retries included
 */
public record ScanSpec<T>(
    TopicPartition partition,
    StartAt start,
    OptionalLong end,
    Set<String> keys,
    RecordDecoder<T> decoder,
    ScanVisitor<T> visitor,
    Duration limit) {
  public ScanSpec {
    keys = Set.copyOf(keys);
    if (!limit.isPositive()) {
      throw new IllegalArgumentException("A scan's limit must be positive: " + limit);
    }
  }

  /** Of the one record at an offset. */
  public static <T> ScanSpec<T> at(
      TopicPartition partition,
      long offset,
      RecordDecoder<T> decoder,
      ScanVisitor<T> visitor,
      Duration limit) {
    return new ScanSpec<>(
        partition,
        new StartAt.Offset(offset),
        OptionalLong.of(offset + 1),
        Set.of(),
        decoder,
        visitor,
        limit);
  }

  boolean wants(@Nullable String key) {
    return keys.isEmpty() || (key != null && keys.contains(key));
  }
}
