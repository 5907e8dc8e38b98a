package dev.tokenbus.projections.feed;

import dev.tokenbus.projections.store.DeadLetterSink;
import dev.tokenbus.projections.store.Refused;
import dev.tokenbus.runtime.kafka.KafkaSettings;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.kafka.core.DefaultKafkaProducerFactory;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.kafka.listener.DeadLetterPublishingRecoverer;
import org.springframework.kafka.listener.DeadLetterPublishingRecoverer.HeaderNames.HeadersToAdd;

/**
 * Publishes records that can never become rows to {@code projections.dlq}: their bytes unchanged,
 * with spring-kafka's headers for origin and reason ({@code kafka_dlt-original-topic}, {@code
 * kafka_dlt-exception-message} …). The bytes are read again from the topic, since the projections
 * keep none.
 *
 * <p>Thread-safe.
 */
public final class DeadLetterPublisher implements DeadLetterSink, AutoCloseable {
  /** Names the topic, {@code projections.dlq}. */
  public static final String APP = "projections";

  private static final Logger log = LoggerFactory.getLogger(DeadLetterPublisher.class);
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  /** Few, because each record may have 12 MB. */
  private static final int MAX_POLL_RECORDS = 8;

  private final KafkaSettings kafka;
  private final Clock clock;
  private final DefaultKafkaProducerFactory<byte[], byte[]> producers;
  private final DeadLetterPublishingRecoverer recoverer;

  public DeadLetterPublisher(KafkaSettings kafka, Clock clock) {
    this.kafka = kafka;
    this.clock = clock;
    producers =
        new DefaultKafkaProducerFactory<>(
            kafka.producer("projections-dlq", Duration.ZERO, TIMEOUT),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    recoverer =
        new DeadLetterPublishingRecoverer(
            new KafkaTemplate<>(producers),
            (letter, reason) -> new TopicPartition(Topics.deadLetters(APP), -1));
    recoverer.setFailIfSendResultIsError(true);
    recoverer.setWaitForSendResultTimeout(TIMEOUT);
    recoverer.excludeHeader(HeadersToAdd.EX_STACKTRACE);
  }

  @Override
  public void publish(List<Refused> refused) {
    Map<TopicPartition, List<Refused>> byPartition =
        refused.stream().collect(Collectors.groupingBy(Refused::partition));
    try (KafkaConsumer<byte[], byte[]> consumer = originalConsumer()) {
      byPartition.forEach((partition, letters) -> publish(consumer, partition, letters));
    }
  }

  private void publish(
      KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition, List<Refused> letters) {
    Deque<Refused> pending =
        letters.stream()
            .sorted(Comparator.comparingLong(Refused::offset))
            .collect(Collectors.toCollection(ArrayDeque::new));
    consumer.assign(List.of(partition));
    consumer.seek(partition, pending.getFirst().offset());
    Instant giveUpAt = clock.instant().plus(TIMEOUT);
    while (!pending.isEmpty()) {
      for (ConsumerRecord<byte[], byte[]> original : consumer.poll(Duration.ofMillis(200))) {
        while (!pending.isEmpty() && pending.getFirst().offset() <= original.offset()) {
          publish(original, pending.removeFirst());
          giveUpAt = clock.instant().plus(TIMEOUT);
        }
      }
      if (!pending.isEmpty() && clock.instant().isAfter(giveUpAt)) {
        throw new IllegalStateException(
            "Cannot read " + partition + " again at offset " + pending.getFirst().offset());
      }
    }
  }

  private void publish(ConsumerRecord<byte[], byte[]> original, Refused letter) {
    if (original.offset() != letter.offset()) {
      log.atError()
          .addKeyValue("partition", letter.partition())
          .addKeyValue("offset", letter.offset())
          .setCause(letter.reason())
          .log("refused record expired before it became a dead letter");
      return;
    }
    recoverer.accept(original, null, letter.reason());
    log.atError()
        .addKeyValue("partition", letter.partition())
        .addKeyValue("offset", letter.offset())
        .addKeyValue("dead_letters", Topics.deadLetters(APP))
        .setCause(letter.reason())
        .log("record became a dead letter");
  }

  private KafkaConsumer<byte[], byte[]> originalConsumer() {
    Map<String, Object> settings = kafka.consumer("projections-dlq");
    settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, MAX_POLL_RECORDS);
    return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  @Override
  public void close() {
    producers.destroy();
  }
}
