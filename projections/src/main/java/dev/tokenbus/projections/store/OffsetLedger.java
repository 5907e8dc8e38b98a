package dev.tokenbus.projections.store;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * One projection's offsets in table {@code projection_offsets}, beside the rows. Kafka's group
 * offsets only show the lag.
 *
 * <p>Thread-safe.
 */
public final class OffsetLedger {
  private final String projection;
  private final Jdbi jdbi;

  public OffsetLedger(String projection, Jdbi jdbi) {
    this.projection = projection;
    this.jdbi = jdbi;
  }

  /**
   * Reads the offset of each partition's first record that has no row yet; 0 for a new partition.
   *
   * @throws org.jdbi.v3.core.JdbiException if the database is away
   */
  public Map<TopicPartition, Long> read(Collection<TopicPartition> partitions) {
    return jdbi.inTransaction(handle -> {
      Map<TopicPartition, Long> offsets = new HashMap<>();
      for (TopicPartition partition : partitions) {
        offsets.put(
            partition, nextOffset(handle, partition).orElseGet(() -> insert(handle, partition)));
      }
      return offsets;
    });
  }

  /**
   * Sets the partition's offset if it is the expected one; otherwise another instance has moved it.
   * Locks the partition until the transaction ends.
   *
   * @return whether the offset was set
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

  private long insert(Handle handle, TopicPartition partition) {
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
    return nextOffset(handle, partition).orElseThrow(); // another instance may have inserted it
  }
}
