package dev.tokenbus.router.streams;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.StandbyUpdateListener;
import org.apache.kafka.streams.processor.StateRestoreListener;
import org.apache.kafka.streams.processor.TaskId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs how long the restoration of each task's store takes, and of how many records, and when a
 * standby copy becomes the task's store.
 *
 * <p>Thread-safe.
 */
public final class RestoreLog implements StateRestoreListener, StandbyUpdateListener {
  private static final Logger LOG = LoggerFactory.getLogger(RestoreLog.class);

  private final Map<TopicPartition, Long> begun = new ConcurrentHashMap<>();
  private final Map<TopicPartition, Long> standbys = new ConcurrentHashMap<>();
  private final LongAdder restored = new LongAdder();

  /** The number of records that tasks have read from changelogs before they could begin. */
  public long restored() {
    return restored.sum();
  }

  /**
   * The standby copies of this instance: partitions of changelogs, each with the offset of the last
   * record that was read. A copy that has become a task's store is none any more.
   */
  public Map<TopicPartition, Long> standbys() {
    return Map.copyOf(standbys);
  }

  @Override
  public void onRestoreStart(
      TopicPartition partition, String store, long startingOffset, long endingOffset) {
    begun.put(partition, System.nanoTime());
  }

  @Override
  public void onBatchRestored(
      TopicPartition partition, String store, long batchEndOffset, long numRestored) {}

  @Override
  public void onRestoreEnd(TopicPartition partition, String store, long totalRestored) {
    restored.add(totalRestored);
    Long start = begun.remove(partition);
    if (start != null && totalRestored > 0) {
      LOG.atInfo()
          .addKeyValue("partition", partition)
          .addKeyValue("records", totalRestored)
          .addKeyValue("ms", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start))
          .log("store is restored");
    }
  }

  @Override
  public void onUpdateStart(TopicPartition partition, String store, long startingOffset) {
    standbys.put(partition, startingOffset - 1);
  }

  @Override
  public void onBatchLoaded(
      TopicPartition partition,
      String store,
      TaskId task,
      long batchEndOffset,
      long batchSize,
      long currentEndOffset) {
    standbys.put(partition, batchEndOffset);
  }

  @Override
  public void onUpdateSuspended(
      TopicPartition partition,
      String store,
      long storeOffset,
      long currentEndOffset,
      SuspendReason reason) {
    standbys.remove(partition);
    LOG.atInfo()
        .addKeyValue("partition", partition)
        .addKeyValue("offset", storeOffset)
        .addKeyValue("end", currentEndOffset)
        .addKeyValue("reason", reason)
        .log("standby copy is handed to its task or dropped");
  }
}
