package dev.tokenbus.router.transfer;

import dev.tokenbus.runtime.kafka.KafkaSettings;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Bytes;

/**
 * Writes a whole state and the offsets behind it in one transaction: an application has both or
 * neither. Of several writers for one application the last that begins fences off the others.
 *
 * <p>Not thread-safe; owns a producer.
 */
final class StateWriter implements AutoCloseable {
  /** A million entries take some ten seconds. */
  private static final int TRANSACTION_TIMEOUT_MS = 10 * 60 * 1_000;

  private final ConsumerGroupMetadata group;
  private final String changelog;
  private final KafkaProducer<byte[], byte[]> producer;
  private boolean open;

  /** Fences off every other writer for the application. */
  StateWriter(KafkaSettings kafka, Application application) {
    group = metadata(kafka, application.group());
    changelog = application.changelog();
    Map<String, Object> settings =
        kafka.producer("router-state-transfer", Duration.ofMillis(20), Duration.ofMinutes(2));
    settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId(application));
    settings.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, TRANSACTION_TIMEOUT_MS);
    producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    producer.initTransactions();
  }

  /** What all writers for an application have in common. */
  static String transactionalId(Application application) {
    return application.group() + "-import";
  }

  /** Of a group in which this process is no member. */
  private static ConsumerGroupMetadata metadata(KafkaSettings kafka, String group) {
    Map<String, Object> settings = kafka.consumer("router-state-transfer");
    settings.put(ConsumerConfig.GROUP_ID_CONFIG, group);
    try (KafkaConsumer<byte[], byte[]> outsider =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      return outsider.groupMetadata();
    }
  }

  void begin() {
    producer.beginTransaction();
    open = true;
  }

  void put(int partition, Bytes key, byte[] value) {
    // A failure comes back with the commit.
    var _ = producer.send(new ProducerRecord<>(changelog, partition, key.get(), value));
  }

  void commit(Map<TopicPartition, OffsetAndMetadata> offsets) {
    producer.sendOffsetsToTransaction(offsets, group);
    producer.commitTransaction();
    open = false;
  }

  @Override
  public void close() {
    try {
      if (open) {
        producer.abortTransaction();
      }
    } finally {
      producer.close(Duration.ofSeconds(5));
    }
  }
}
