package dev.tokenbus.router.transfer;

import dev.tokenbus.runtime.kafka.KafkaSettings;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.utils.Bytes;

/**
 * Reads partitions from their beginning to their end, and single records.
 *
 * <p>Not thread-safe; owns a consumer.
 */
final class LogCopy implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final KafkaConsumer<byte[], byte[]> consumer;

  LogCopy(KafkaSettings kafka) {
    Map<String, Object> settings = kafka.consumer("router-state-transfer");
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /** The latest value of every key of a partition, in the order of their first records. */
  Map<Bytes, byte[]> latest(String topic, int number) {
    TopicPartition partition = new TopicPartition(topic, number);
    consumer.assign(List.of(partition));
    consumer.seekToBeginning(List.of(partition));
    long end = consumer.endOffsets(List.of(partition), LIMIT).getOrDefault(partition, 0L);
    Map<Bytes, byte[]> latest = new LinkedHashMap<>();
    while (consumer.position(partition, LIMIT) < end) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        Bytes key = Bytes.wrap(record.key());
        if (record.value() == null) {
          latest.remove(key);
        } else {
          latest.put(key, record.value());
        }
      }
    }
    return latest;
  }

  /** The value of one record; empty where it is gone. */
  Optional<byte[]> value(String topic, int number, long offset) {
    TopicPartition partition = new TopicPartition(topic, number);
    consumer.assign(List.of(partition));
    long begin = consumer.beginningOffsets(List.of(partition), LIMIT).getOrDefault(partition, 0L);
    long end = consumer.endOffsets(List.of(partition), LIMIT).getOrDefault(partition, 0L);
    if (offset < begin || offset >= end) {
      return Optional.empty();
    }
    consumer.seek(partition, offset);
    while (consumer.position(partition, LIMIT) <= offset) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        if (record.offset() == offset) {
          return Optional.ofNullable(record.value());
        }
        if (record.offset() > offset) {
          return Optional.empty();
        }
      }
    }
    return Optional.empty();
  }

  @Override
  public void close() {
    consumer.close();
  }
}
