package dev.tokenbus.router;

import dev.tokenbus.router.lifecycle.LogPosition;
import dev.tokenbus.runtime.kafka.KafkaSettings;
import dev.tokenbus.schemas.avro.RequestAccepted;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads single records of topic {@code requests} again: the body of a request is on the log already
 * and is not stored a second time for the rare case that it is needed again.
 *
 * <p>Thread-safe: stream threads take turns. Blocks for a few milliseconds, and for {@link
 * #PATIENCE} at most.
 */
final class RequestLog implements RequestBodies, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RequestLog.class);
  private static final Duration PATIENCE = Duration.ofMillis(500);

  /** The broker sends at least one whole batch, however large; more than that is not wanted. */
  private static final int FETCH_BYTES = 1;

  private final KafkaSettings kafka;
  private final TopicSchemas schemas;
  private @Nullable KafkaConsumer<String, RequestAccepted> consumer;

  RequestLog(KafkaSettings kafka, TopicSchemas schemas) {
    this.kafka = kafka;
    this.schemas = schemas;
  }

  @Override
  public synchronized Optional<RequestAccepted> read(LogPosition position) {
    TopicPartition partition = new TopicPartition(Topics.REQUESTS.name(), position.partition());
    try {
      KafkaConsumer<String, RequestAccepted> reader = consumer();
      reader.assign(List.of(partition));
      reader.seek(partition, position.offset());
      for (ConsumerRecord<String, RequestAccepted> record : reader.poll(PATIENCE)) {
        if (record.offset() == position.offset()) {
          return Optional.of(record.value());
        }
      }
      LOG.atWarn()
          .addKeyValue("partition", position.partition())
          .addKeyValue("offset", position.offset())
          .log("request body not read");
    } catch (KafkaException e) {
      LOG.atWarn()
          .addKeyValue("partition", position.partition())
          .addKeyValue("offset", position.offset())
          .setCause(e)
          .log("request body not readable");
    }
    return Optional.empty();
  }

  private KafkaConsumer<String, RequestAccepted> consumer() {
    if (consumer == null) {
      Map<String, Object> settings = kafka.consumer("router-bodies");
      settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
      settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1);
      settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, FETCH_BYTES);
      settings.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, FETCH_BYTES);
      consumer =
          new KafkaConsumer<>(
              settings, new StringDeserializer(), schemas.deserializer(RequestAccepted.class));
    }
    return consumer;
  }

  @Override
  public synchronized void close() {
    if (consumer != null) {
      consumer.close();
    }
  }
}
