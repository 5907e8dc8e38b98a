package dev.tokenbus.projections;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * How far one projection has come, in table {@code projection_offsets}, beside the rows. Kafka's
 * group offsets only show the lag.
 *
 * <p>Thread-safe.
 */
final class OffsetLedger {
  private final String projection;
  private final Jdbi jdbi;

  OffsetLedger(String projection, Jdbi jdbi) {
    this.projection = projection;
    this.jdbi = jdbi;
  }

  /** The offsets of the first records that are not written down yet; 0 for a new partition. */
  Map<TopicPartition, Long> read(Collection<TopicPartition> partitions) {
    return jdbi.inTransaction(handle -> {
      Map<TopicPartition, Long> offsets = new HashMap<>();
      for (TopicPartition partition : partitions) {
        offsets.put(
            partition, nextOffset(handle, partition).orElseGet(() -> enter(handle, partition)));
      }
      return offsets;
    });
  }

  /**
   * Moves a partition on, if it stands where the caller believes; otherwise somebody else has
   * written it down meanwhile. Holds the partition until the transaction ends.
   *
   * @return whether it moved
   */
  boolean advance(Handle handle, TopicPartition partition, long expected, long next) {
    return handle
            .createUpdate(
                """
                UPDATE projection_offsets SET next_offset = :next, updated_at = now()
                WHERE projection = :projection AND topic = :topic AND partition = :partition
                  AND next_offset = :expected\
                """)
            .bind("projection", projection)
            .bind("topic", partition.topic())
            .bind("partition", partition.partition())
            .bind("expected", expected)
            .bind("next", next)
            .execute()
        == 1;
  }

  private Optional<Long> nextOffset(Handle handle, TopicPartition partition) {
    return handle
        .createQuery(
            """
            SELECT next_offset FROM projection_offsets
            WHERE projection = ? AND topic = ? AND partition = ?\
            """)
        .bind(0, projection)
        .bind(1, partition.topic())
        .bind(2, partition.partition())
        .mapTo(Long.class)
        .findOne();
  }

  private long enter(Handle handle, TopicPartition partition) {
    handle
        .createUpdate(
            """
            INSERT INTO projection_offsets (projection, topic, partition, next_offset)
            VALUES (?, ?, ?, 0) ON CONFLICT DO NOTHING\
            """)
        .bind(0, projection)
        .bind(1, partition.topic())
        .bind(2, partition.partition())
        .execute();
    return nextOffset(handle, partition).orElseThrow(); // perhaps entered by another meanwhile
  }
}
