package dev.tokenbus.router.streams;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.StateRestoreListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs how long the restoration of each task's store takes, and of how many records.
 *
 * <p>Thread-safe.
 */
final class RestoreLog implements StateRestoreListener {
  private static final Logger LOG = LoggerFactory.getLogger(RestoreLog.class);

  private final Map<TopicPartition, Long> begun = new ConcurrentHashMap<>();

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
    Long start = begun.remove(partition);
    if (start != null && totalRestored > 0) {
      LOG.atInfo()
          .addKeyValue("partition", partition)
          .addKeyValue("records", totalRestored)
          .addKeyValue("ms", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start))
          .log("store is restored");
    }
  }
}
