package dev.tokenbus.workers.reply;

import dev.tokenbus.runtime.kafka.DeadLetterWriter;
import dev.tokenbus.runtime.kafka.KafkaSettings;
import dev.tokenbus.schemas.serde.TopicSchemas;
import java.time.Duration;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/**
 * An idempotent producer: records that one thread sends to one partition are stored there once and
 * in the order in which they were sent. The producer does not linger; callers gather records that
 * should share a request.
 *
 * <p>Thread-safe. {@link #send} blocks while the producer's memory is full, so callbacks must not
 * wait for a thread that sends.
 */
public final class RecordProducer implements AutoCloseable {
  /**
   * One flush of a few hundred streams has some ten kilobytes; the default of 16 KB would split it.
   */
  private static final int BATCH_BYTES = 128 * 1024;

  private final Producer<String, byte[]> producer;
  private final Serializer<SpecificRecord> serializer;

  public RecordProducer(Producer<String, byte[]> producer, Serializer<SpecificRecord> serializer) {
    this.producer = producer;
    this.serializer = serializer;
  }

  public static RecordProducer open(
      KafkaSettings kafka, TopicSchemas schemas, String clientId, Duration deliveryTimeout) {
    Map<String, Object> settings = kafka.producer(clientId, Duration.ZERO, deliveryTimeout);
    settings.put(ProducerConfig.BATCH_SIZE_CONFIG, BATCH_BYTES);
    return new RecordProducer(
        new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer()),
        schemas.serializer());
  }

  /**
   * Sends a record of a topic whose schema is resolved.
   *
   * @param partition null to let the key decide
   * @param callback gets the acknowledgement or the failure, on the producer's thread or, for what
   *     fails at once, on the caller's
   */
  public void send(
      String topic,
      @Nullable Integer partition,
      String key,
      SpecificRecord value,
      Callback callback) {
    ProducerRecord<String, byte[]> record;
    try {
      record = record(topic, partition, key, value);
    } catch (RuntimeException e) {
      callback.onCompletion(null, e);
      return;
    }
    send(record, callback);
  }

  /**
   * Makes a record without sending it, for those that are to go out together.
   *
   * @param partition as for {@link #send}
   * @throws org.apache.kafka.common.errors.SerializationException if the value cannot be written
   */
  ProducerRecord<String, byte[]> record(
      String topic, @Nullable Integer partition, String key, SpecificRecord value) {
    return new ProducerRecord<>(topic, partition, key, serializer.serialize(topic, value));
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the callback hears what the future would say
  public void send(ProducerRecord<String, byte[]> record, Callback callback) {
    try {
      producer.send(record, callback);
    } catch (RuntimeException e) {
      callback.onCompletion(null, e);
    }
  }

  /**
   * A writer of dead letters through this producer.
   *
   * @param app whose topic it is
   */
  public DeadLetterWriter deadLetters(String app) {
    return new DeadLetterWriter(app, producer);
  }

  /** Waits until everything sent so far has been acknowledged or has failed. */
  void flush() {
    producer.flush();
  }

  /** Sends what is buffered and waits for it, at most for the time given. */
  public void close(Duration limit) {
    producer.close(limit);
  }

  @Override
  public void close() {
    producer.close();
  }
}
