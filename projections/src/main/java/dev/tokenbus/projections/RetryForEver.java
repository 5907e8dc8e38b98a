package dev.tokenbus.projections;

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
 * What happens while PostgreSQL, the broker or the schema registry is away: the consumer waits a
 * little longer each time, up to 10 s, and polls again from where the database stands. No record is
 * skipped, however long it takes.
 *
 * <p>For one container: all calls come from its consumer's thread.
 */
final class RetryForEver implements CommonErrorHandler {
  private static final Logger log = LoggerFactory.getLogger(RetryForEver.class);
  private static final long FIRST_WAIT_MS = 250;
  private static final long LONGEST_WAIT_MS = 10_000; // far below max.poll.interval.ms

  private final String projection;
  private final PartitionPositions positions;
  private final FeedHealth health;
  private final ExponentialBackOff backOff = new ExponentialBackOff(FIRST_WAIT_MS, 2);
  private @Nullable BackOffExecution trouble;

  RetryForEver(String projection, PartitionPositions positions, FeedHealth health) {
    this.projection = projection;
    this.positions = positions;
    this.health = health;
    backOff.setMaxInterval(LONGEST_WAIT_MS);
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
    waitALittle("a batch was not written", thrown, container);
  }

  @Override
  public void handleOtherException(
      Exception thrown,
      Consumer<?, ?> consumer,
      MessageListenerContainer container,
      boolean batchListener) {
    waitALittle("the consumer failed", thrown, container);
  }

  private void waitALittle(String event, Exception thrown, MessageListenerContainer container) {
    if (trouble == null || !health.failing()) {
      trouble = backOff.start();
    }
    health.failed();
    long wait = trouble.nextBackOff();
    log.atWarn()
        .addKeyValue("projection", projection)
        .addKeyValue("retry_in_ms", wait)
        .addKeyValue("reason", rootOf(thrown).toString())
        .log("{}: trying again", event);
    log.atDebug().setCause(thrown).log("the same in full");
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
