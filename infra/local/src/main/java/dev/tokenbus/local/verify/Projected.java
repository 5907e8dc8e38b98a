package dev.tokenbus.local.verify;

import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/**
 * How far the projections say they have written each topic down.
 *
 * @param nextOffsets of the first record that is not written down; by topic, as each is read by one
 *     projection
 */
record Projected(Map<TopicPartition, Long> nextOffsets) {
  /** Nothing is written down. */
  static final Projected NOTHING = new Projected(Map.of());

  Projected {
    nextOffsets = Map.copyOf(nextOffsets);
  }

  boolean includes(TopicPartition partition, long offset) {
    return offset < nextOffsets.getOrDefault(partition, 0L);
  }
}
