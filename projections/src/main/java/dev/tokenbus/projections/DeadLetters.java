package dev.tokenbus.projections;

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
 * Puts records that can never be written down on {@code projections.dlq}: as they stand in their
 * topic, with spring-kafka's headers for where they came from and why ({@code
 * kafka_dlt-original-topic}, {@code kafka_dlt-exception-message} …). Bytes are read again from the
 * topic, since the projections keep none.
 *
 * <p>Thread-safe.
 */
final class DeadLetters implements AutoCloseable {
  static final String APP = "projections";

  private static final Logger log = LoggerFactory.getLogger(DeadLetters.class);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** Few, because each may have 12 MB. */
  private static final int RECORDS_AT_ONCE = 8;

  private final KafkaSettings kafka;
  private final Clock clock;
  private final DefaultKafkaProducerFactory<byte[], byte[]> producers;
  private final DeadLetterPublishingRecoverer recoverer;

  DeadLetters(KafkaSettings kafka, Clock clock) {
    this.kafka = kafka;
    this.clock = clock;
    producers =
        new DefaultKafkaProducerFactory<>(
            kafka.producer("projections-dlq", Duration.ZERO, PATIENCE),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    recoverer =
        new DeadLetterPublishingRecoverer(
            new KafkaTemplate<>(producers),
            (letter, reason) -> new TopicPartition(Topics.deadLetters(APP), -1));
    recoverer.setFailIfSendResultIsError(true);
    recoverer.setWaitForSendResultTimeout(PATIENCE);
    recoverer.excludeHeader(HeadersToAdd.EX_STACKTRACE);
  }

  /**
   * Returns when all of them are acknowledged.
   *
   * @throws RuntimeException if the broker does not give or take them in time; some may be there
   */
  void publish(List<Refused> refused) {
    Map<TopicPartition, List<Refused>> byPartition =
        refused.stream().collect(Collectors.groupingBy(Refused::partition));
    try (KafkaConsumer<byte[], byte[]> consumer = originals()) {
      byPartition.forEach((partition, letters) -> publish(consumer, partition, letters));
    }
  }

  private void publish(
      KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition, List<Refused> letters) {
    Deque<Refused> waiting =
        letters.stream()
            .sorted(Comparator.comparingLong(Refused::offset))
            .collect(Collectors.toCollection(ArrayDeque::new));
    consumer.assign(List.of(partition));
    consumer.seek(partition, waiting.getFirst().offset());
    Instant giveUpAt = clock.instant().plus(PATIENCE);
    while (!waiting.isEmpty()) {
      for (ConsumerRecord<byte[], byte[]> original : consumer.poll(Duration.ofMillis(200))) {
        while (!waiting.isEmpty() && waiting.getFirst().offset() <= original.offset()) {
          publish(original, waiting.removeFirst());
          giveUpAt = clock.instant().plus(PATIENCE);
        }
      }
      if (!waiting.isEmpty() && clock.instant().isAfter(giveUpAt)) {
        throw new IllegalStateException(
            "Cannot read " + partition + " again at offset " + waiting.getFirst().offset());
      }
    }
  }

  private void publish(ConsumerRecord<byte[], byte[]> original, Refused letter) {
    if (original.offset() != letter.offset()) {
      log.atError()
          .addKeyValue("partition", letter.partition())
          .addKeyValue("offset", letter.offset())
          .setCause(letter.reason())
          .log("a record that cannot be written down expired before it became a dead letter");
      return;
    }
    recoverer.accept(original, null, letter.reason());
    log.atError()
        .addKeyValue("partition", letter.partition())
        .addKeyValue("offset", letter.offset())
        .addKeyValue("dead_letters", Topics.deadLetters(APP))
        .setCause(letter.reason())
        .log("a record cannot be written down");
  }

  private KafkaConsumer<byte[], byte[]> originals() {
    Map<String, Object> settings = kafka.consumer("projections-dlq");
    settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, RECORDS_AT_ONCE);
    return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  @Override
  public void close() {
    producers.destroy();
  }
}
