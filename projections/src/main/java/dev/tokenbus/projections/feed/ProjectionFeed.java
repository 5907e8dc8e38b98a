package dev.tokenbus.projections.feed;

import dev.tokenbus.projections.store.BatchWriter;
import dev.tokenbus.projections.store.OffsetLedger;
import dev.tokenbus.runtime.kafka.KafkaSettings;
import dev.tokenbus.schemas.serde.Decoded;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.event.ListenerContainerIdleEvent;
import org.springframework.kafka.listener.ContainerProperties;
import org.springframework.kafka.listener.ContainerProperties.AckMode;
import org.springframework.kafka.listener.ContainerProperties.AssignmentCommitOption;
import org.springframework.kafka.listener.KafkaMessageListenerContainer;

/**
 * One consumer of one projection: a listener container with its thread, listener and error handler.
 *
 * <p>Thread-safe.
 */
public final class ProjectionFeed {
  private static final Logger log = LoggerFactory.getLogger(ProjectionFeed.class);
  private static final int FETCH_MIN_BYTES = 128 * 1024;
  private static final int FETCH_MAX_BYTES = 16 * 1024 * 1024;
  private static final int PARTITION_FETCH_BYTES = 2 * 1024 * 1024;
  private static final Duration SESSION_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration HEARTBEAT = Duration.ofSeconds(3);
  private static final Duration POLL_TIMEOUT = Duration.ofSeconds(1);
  private static final Duration IDLE_INTERVAL = Duration.ofSeconds(1);
  private static final Duration AUTHORIZATION_RETRY = Duration.ofSeconds(10);
  private static final Duration SHUTDOWN_TIMEOUT = Duration.ofSeconds(30);

  private final KafkaMessageListenerContainer<byte[], ?> container;
  private final FeedHealth health;

  private ProjectionFeed(KafkaMessageListenerContainer<byte[], ?> container, FeedHealth health) {
    this.container = container;
    this.health = health;
  }

  /**
   * Wires the container; {@link #start} starts it.
   *
   * @param number of the consumer within this instance, for its name
   */
  public static <K, T> ProjectionFeed of(
      Projection<K, T> projection,
      int number,
      BatchWriter<K, T> writer,
      OffsetLedger ledger,
      KafkaSettings kafka,
      FeedSettings settings) {
    String client = "projections-" + projection.name() + "-" + number;
    FeedHealth health = new FeedHealth();
    PartitionPositions positions = new PartitionPositions(ledger);
    ProjectionListener<K, T> listener =
        new ProjectionListener<>(projection, writer, positions, health);
    ContainerProperties properties = new ContainerProperties(projection.topic().name());
    properties.setMessageListener(listener);
    properties.setConsumerRebalanceListener(listener);
    properties.setAckMode(AckMode.MANUAL);
    properties.setSyncCommits(false);
    properties.setCommitCallback(ProjectionFeed::groupOffsetsCommitted);
    properties.setAssignmentCommitOption(AssignmentCommitOption.NEVER);
    properties.setPollTimeout(POLL_TIMEOUT.toMillis());
    properties.setShutdownTimeout(SHUTDOWN_TIMEOUT.toMillis());
    properties.setAuthExceptionRetryInterval(AUTHORIZATION_RETRY);
    properties.setIdleEventInterval(IDLE_INTERVAL.toMillis());
    KafkaMessageListenerContainer<byte[], Decoded<T>> container =
        new KafkaMessageListenerContainer<>(
            new DefaultKafkaConsumerFactory<>(
                consumerSettings(kafka, client, projection.name(), settings),
                new ByteArrayDeserializer(),
                projection.decoder().asDeserializer()),
            properties);
    container.setBeanName(client);
    container.setApplicationEventPublisher(event -> {
      if (event instanceof ListenerContainerIdleEvent idle) {
        listener.onIdle(idle.getConsumer());
      }
    });
    container.setCommonErrorHandler(new BackoffErrorHandler(projection.name(), positions, health));
    return new ProjectionFeed(container, health);
  }

  /** Starts polling. */
  public void start() {
    container.start();
  }

  /** Whether the consumer has its assignment and its last batch did not fail. */
  public boolean ready() {
    return container.isRunning() && health.ready();
  }

  /**
   * Commits the current batch and leaves the group. Returns at once.
   *
   * @param stopped is counted down when the container has stopped, after 30 s at the latest
   */
  public void stop(CountDownLatch stopped) {
    container.stop(stopped::countDown);
  }

  /** A failed commit, as in a rebalance, only makes the displayed lag wrong until the next one. */
  private static void groupOffsetsCommitted(
      Map<TopicPartition, OffsetAndMetadata> offsets, @Nullable Exception failure) {
    if (failure != null) {
      log.atDebug()
          .addKeyValue("offsets", offsets)
          .addKeyValue("reason", failure.toString())
          .log("group offsets not committed");
    }
  }

  private static Map<String, Object> consumerSettings(
      KafkaSettings kafka, String client, String projection, FeedSettings settings) {
    Map<String, Object> consumer = kafka.consumer(client);
    consumer.put(ConsumerConfig.GROUP_ID_CONFIG, "projections." + projection);
    consumer.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, settings.batchRows());
    // Nobody waits for a row, so the broker collects records and one transaction writes many.
    consumer.put(ConsumerConfig.FETCH_MIN_BYTES_CONFIG, FETCH_MIN_BYTES);
    consumer.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, (int) settings.batchWait().toMillis());
    // A larger record is fetched alone, so memory stays bounded whatever the bodies hold.
    consumer.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, FETCH_MAX_BYTES);
    consumer.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, PARTITION_FETCH_BYTES);
    // The classic protocol lets the client choose how soon a killed instance is replaced.
    consumer.put(
        ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
        CooperativeStickyAssignor.class.getName());
    consumer.putIfAbsent(
        ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, (int) SESSION_TIMEOUT.toMillis());
    consumer.putIfAbsent(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, (int) HEARTBEAT.toMillis());
    return consumer;
  }
}
