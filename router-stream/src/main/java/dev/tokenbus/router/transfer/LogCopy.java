package dev.tokenbus.router.transfer;

import dev.tokenbus.runtime.kafka.KafkaSettings;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.utils.Bytes;

/**
 * Reads partitions from their beginning to their end, and records at given offsets.
 *
 * <p>Not thread-safe; owns a consumer.
 */
final class LogCopy implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration LIMIT = Duration.ofSeconds(30);

  /** A fetch at the end of a partition would keep the next question waiting for half a second. */
  private static final int FETCH_WAIT_MS = 10;

  /** Not much more is fetched than wanted where single records are read. */
  private static final int FETCH_BYTES = 1024 * 1024;

  /** Closer records are reached by reading on, which costs less than another fetch. */
  private static final int NEAR = 500;

  private final KafkaConsumer<byte[], byte[]> consumer;

  LogCopy(KafkaSettings kafka) {
    Map<String, Object> settings = kafka.consumer("router-state-transfer");
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, FETCH_WAIT_MS);
    settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, FETCH_BYTES);
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

  /** Takes the value of a record. */
  @FunctionalInterface
  interface ValueVisitor {
    void take(long offset, byte[] value);
  }

  /** Visits the records at some offsets, in their order; those that are gone are left out. */
  void visit(String topic, int number, NavigableSet<Long> offsets, ValueVisitor visitor) {
    TopicPartition partition = new TopicPartition(topic, number);
    consumer.assign(List.of(partition));
    long begin = consumer.beginningOffsets(List.of(partition), LIMIT).getOrDefault(partition, 0L);
    long end = consumer.endOffsets(List.of(partition), LIMIT).getOrDefault(partition, 0L);
    Long next = offsets.ceiling(begin);
    consumer.seek(partition, begin);
    while (next != null && next < end) {
      if (next - consumer.position(partition, LIMIT) >= NEAR) {
        consumer.seek(partition, next);
      }
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        if (record.value() != null && offsets.contains(record.offset())) {
          visitor.take(record.offset(), record.value());
        }
      }
      // Behind what was read, and behind what stands there but is no record.
      next = offsets.ceiling(consumer.position(partition, LIMIT));
    }
  }

  @Override
  public void close() {
    consumer.close();
  }
}
