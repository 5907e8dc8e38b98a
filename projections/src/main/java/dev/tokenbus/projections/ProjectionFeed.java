package dev.tokenbus.projections;

import dev.tokenbus.runtime.kafka.KafkaSettings;
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
 * One consumer of one projection: a container with one thread, its listener and its error handler.
 *
 * <p>Thread-safe.
 */
final class ProjectionFeed {
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
   * @param number of the consumer within this instance, for its name
   */
  static <T> ProjectionFeed of(
      Projection<T> projection,
      int number,
      BatchWriter<T> writer,
      OffsetLedger ledger,
      KafkaSettings kafka,
      ProjectionsSettings settings) {
    String client = "projections-" + projection.name() + "-" + number;
    FeedHealth health = new FeedHealth();
    PartitionPositions positions = new PartitionPositions(ledger);
    ProjectionListener<T> listener =
        new ProjectionListener<>(projection.name(), writer, positions, health);
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
                new DecodingDeserializer<>(projection)),
            properties);
    container.setBeanName(client);
    container.setApplicationEventPublisher(event -> {
      if (event instanceof ListenerContainerIdleEvent idle) {
        listener.onIdle(idle.getConsumer());
      }
    });
    container.setCommonErrorHandler(new RetryForEver(projection.name(), positions, health));
    return new ProjectionFeed(container, health);
  }

  void start() {
    container.start();
  }

  boolean ready() {
    return container.isRunning() && health.ready();
  }

  /**
   * Lets the batch in hand be committed and leaves the group; returns at once.
   *
   * @param stopped is counted down when that is done, or after 30 s
   */
  void stop(CountDownLatch stopped) {
    container.stop(stopped::countDown);
  }

  /** A refused commit, as in a rebalance, only makes the displayed lag wrong until the next one. */
  private static void groupOffsetsCommitted(
      Map<TopicPartition, OffsetAndMetadata> offsets, @Nullable Exception refused) {
    if (refused != null) {
      log.atDebug()
          .addKeyValue("offsets", offsets)
          .addKeyValue("reason", refused.toString())
          .log("group offsets not committed");
    }
  }

  private static Map<String, Object> consumerSettings(
      KafkaSettings kafka, String client, String projection, ProjectionsSettings settings) {
    Map<String, Object> consumer = kafka.consumer(client);
    consumer.put(ConsumerConfig.GROUP_ID_CONFIG, "projections." + projection);
    consumer.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, settings.batchRows());
    // Nobody waits for a row: let the broker collect, so that one transaction serves many records.
    consumer.put(ConsumerConfig.FETCH_MIN_BYTES_CONFIG, FETCH_MIN_BYTES);
    consumer.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, (int) settings.batchWait().toMillis());
    // A record larger than this still comes, alone; memory stays bounded whatever bodies hold.
    consumer.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, FETCH_MAX_BYTES);
    consumer.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, PARTITION_FETCH_BYTES);
    // The classic protocol, because it lets the client say how soon a killed instance is replaced.
    consumer.put(
        ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
        CooperativeStickyAssignor.class.getName());
    consumer.putIfAbsent(
        ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, (int) SESSION_TIMEOUT.toMillis());
    consumer.putIfAbsent(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, (int) HEARTBEAT.toMillis());
    return consumer;
  }
}
