package dev.tokenbus.router.replay;

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
 * Reads single records of topic {@code requests} again: the body of a request is on the log and is
 * not stored a second time for the rare case of a second dispatch.
 *
 * <p>Thread-safe: stream threads take turns. Blocks for a few milliseconds, and for {@link
 * #READ_TIMEOUT} at most.
 */
public final class RequestBodyReader implements RequestBodySource, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RequestBodyReader.class);
  private static final Duration READ_TIMEOUT = Duration.ofMillis(500);

  /** The broker sends at least one whole batch, however large; more is not needed. */
  private static final int FETCH_BYTES = 1;

  private final KafkaSettings kafka;
  private final TopicSchemas schemas;
  private @Nullable KafkaConsumer<String, RequestAccepted> consumer;

  public RequestBodyReader(KafkaSettings kafka, TopicSchemas schemas) {
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
      for (ConsumerRecord<String, RequestAccepted> record : reader.poll(READ_TIMEOUT)) {
        if (record.offset() == position.offset()) {
          return Optional.of(record.value());
        }
      }
      LOG.atWarn()
          .addKeyValue("partition", position.partition())
          .addKeyValue("offset", position.offset())
          .log("request body was not read in time");
    } catch (KafkaException e) {
      LOG.atWarn()
          .addKeyValue("partition", position.partition())
          .addKeyValue("offset", position.offset())
          .setCause(e)
          .log("request body was not read in timeable");
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
