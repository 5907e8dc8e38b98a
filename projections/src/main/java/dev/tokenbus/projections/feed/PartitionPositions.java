package dev.tokenbus.projections.feed;

import dev.tokenbus.projections.store.OffsetLedger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stored offsets of one consumer's partitions, as this consumer last saw them.
 *
 * <p>Confined to the consumer's thread.
 */
final class PartitionPositions {
  private static final Logger log = LoggerFactory.getLogger(PartitionPositions.class);

  private final OffsetLedger ledger;
  private final Map<TopicPartition, Long> next = new HashMap<>();

  PartitionPositions(OffsetLedger ledger) {
    this.ledger = ledger;
  }

  boolean know(Collection<TopicPartition> partitions) {
    return next.keySet().containsAll(partitions);
  }

  Map<TopicPartition, Long> asMap() {
    return Collections.unmodifiableMap(next);
  }

  void moved(Map<TopicPartition, Long> offsets) {
    next.putAll(offsets);
  }

  void forget(Collection<TopicPartition> partitions) {
    next.keySet().removeAll(partitions);
  }

  /**
   * Reads the stored offsets and seeks the consumer to them. Skips partitions that the consumer
   * does not own.
   *
   * @throws RuntimeException if the database or the broker is away
   */
  void readAndSeek(Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
    forget(partitions);
    List<TopicPartition> owned = new ArrayList<>(partitions);
    owned.retainAll(consumer.assignment());
    if (owned.isEmpty()) {
      return;
    }
    Map<TopicPartition, Long> written = ledger.read(owned);
    Map<TopicPartition, Long> first = consumer.beginningOffsets(owned);
    Map<TopicPartition, Long> end = consumer.endOffsets(owned);
    written.forEach((partition, stored) ->
        consumer.seek(
            partition,
            startOffset(
                partition,
                stored,
                first.getOrDefault(partition, 0L),
                end.getOrDefault(partition, Long.MAX_VALUE))));
    next.putAll(written);
  }

  private static long startOffset(TopicPartition partition, long stored, long first, long end) {
    if (stored > end) {
      // A repeated record finds its row, so reading the topic again does no harm.
      log.atWarn()
          .addKeyValue("partition", partition)
          .addKeyValue("stored", stored)
          .addKeyValue("end", end)
          .log("topic ends before the stored offset: reading it from its start");
      return first;
    }
    if (stored < first && stored > 0) {
      log.atError()
          .addKeyValue("partition", partition)
          .addKeyValue("records", first - stored)
          .log("records expired before they were projected");
    }
    return Math.max(stored, first);
  }
}
