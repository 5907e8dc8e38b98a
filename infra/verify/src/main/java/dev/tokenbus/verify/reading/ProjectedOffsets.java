package dev.tokenbus.verify.reading;

import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/**
 * How far the projections have written each topic.
 *
 * @param nextOffsets the offset of the first record that is not written yet, by partition; each
 *     topic is read by one projection
 */
record ProjectedOffsets(Map<TopicPartition, Long> nextOffsets) {
  /** No record is written. */
  static final ProjectedOffsets NOTHING = new ProjectedOffsets(Map.of());

  ProjectedOffsets {
    nextOffsets = Map.copyOf(nextOffsets);
  }

  boolean includes(TopicPartition partition, long offset) {
    return offset < nextOffsets.getOrDefault(partition, 0L);
  }
}
