package dev.tokenbus.projections.feed;

import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.kafka.listener.CommonErrorHandler;
import org.springframework.kafka.listener.ListenerUtils;
import org.springframework.kafka.listener.MessageListenerContainer;
import org.springframework.util.backoff.BackOffExecution;
import org.springframework.util.backoff.ExponentialBackOff;

/**
 * Retries while PostgreSQL, the broker or the schema registry is away: the consumer backs off up to
 * 10 s and polls again from the stored offsets. No record is skipped.
 *
 * <p>Confined to its container: all calls come from the consumer's thread.
 */
final class BackoffErrorHandler implements CommonErrorHandler {
  private static final Logger log = LoggerFactory.getLogger(BackoffErrorHandler.class);
  private static final long FIRST_WAIT_MS = 250;
  private static final long LONGEST_WAIT_MS = 10_000; // far below max.poll.interval.ms

  private final String projection;
  private final PartitionPositions positions;
  private final FeedHealth health;
  private final ExponentialBackOff intervals = new ExponentialBackOff(FIRST_WAIT_MS, 2);
  private @Nullable BackOffExecution retries;

  BackoffErrorHandler(String projection, PartitionPositions positions, FeedHealth health) {
    this.projection = projection;
    this.positions = positions;
    this.health = health;
    intervals.setMaxInterval(LONGEST_WAIT_MS);
  }

  @Override
  public boolean seeksAfterHandling() {
    return true;
  }

  @Override
  public boolean isAckAfterHandle() {
    return false;
  }

  @Override
  public void handleBatch(
      Exception thrown,
      ConsumerRecords<?, ?> data,
      Consumer<?, ?> consumer,
      MessageListenerContainer container,
      Runnable invokeListener) {
    positions.forget(data.partitions());
    Set<TopicPartition> owned = consumer.assignment();
    for (TopicPartition partition : data.partitions()) {
      if (owned.contains(partition)) {
        ConsumerRecord<?, ?> first = data.records(partition).getFirst();
        consumer.seek(partition, first.offset());
      }
    }
    backOff("batch was not written", thrown, container);
  }

  @Override
  public void handleOtherException(
      Exception thrown,
      Consumer<?, ?> consumer,
      MessageListenerContainer container,
      boolean batchListener) {
    backOff("consumer failed", thrown, container);
  }

  private void backOff(String event, Exception thrown, MessageListenerContainer container) {
    if (retries == null || !health.failing()) {
      retries = intervals.start();
    }
    health.failed();
    long wait = retries.nextBackOff();
    log.atWarn()
        .addKeyValue("projection", projection)
        .addKeyValue("retry_in_ms", wait)
        .addKeyValue("reason", rootOf(thrown).toString())
        .log("{}: retrying", event);
    log.atDebug().setCause(thrown).log("stack trace");
    try {
      ListenerUtils.stoppableSleep(container, wait);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Throwable rootOf(Throwable thrown) {
    Throwable root = thrown;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }
}
