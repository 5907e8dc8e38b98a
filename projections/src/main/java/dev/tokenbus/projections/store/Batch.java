package dev.tokenbus.projections.store;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/**
 * What one transaction writes.
 *
 * @param rows in log order; {@link RecordTables} knows in which they are written
 * @param refused records that cannot become rows
 * @param next for each partition, the offset behind the batch
 */
public record Batch<K, T>(
    List<Sourced<K, T>> rows, List<Refused> refused, Map<TopicPartition, Long> next) {

  public Batch {
    rows = List.copyOf(rows);
  }

  /** The partitions that the batch moves on. */
  public Collection<TopicPartition> partitions() {
    return next.keySet();
  }
}
