package dev.tokenbus.projections.store;

import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/**
 * What one transaction writes.
 *
 * @param rows by request id, in log order where ids are equal: transactions that lock their rows in
 *     one order cannot deadlock
 * @param refused records that cannot become rows
 * @param next for each partition, the offset behind the batch
 */
public record Batch<T>(
    List<Sourced<T>> rows, List<Refused> refused, Map<TopicPartition, Long> next) {

  /** Sorts the rows; {@code rows} come in log order. */
  public Batch {
    rows = rows.stream().sorted(Comparator.comparing(Sourced::id)).toList();
  }

  /** The partitions that the batch moves on. */
  public Collection<TopicPartition> partitions() {
    return next.keySet();
  }

  List<Instant> acceptedAt() {
    return rows.stream().map(row -> row.id().acceptedAt()).toList();
  }
}
