package dev.tokenbus.verify.reading;

import dev.tokenbus.runtime.kafka.KafkaSettings;
import dev.tokenbus.schemas.topics.Topic;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads topics from their first record to ends that were looked up before. Not thread-safe. */
public final class TopicReader implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration STALL_LIMIT = Duration.ofSeconds(60);
  private static final int FETCH_BYTES = 4 * 1024 * 1024;

  private final KafkaConsumer<byte[], byte[]> consumer;

  public TopicReader(KafkaSettings kafka) {
    Map<String, Object> settings = kafka.consumer("verify");
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    // Several partitions must fit into a small heap; a larger record is still fetched.
    settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, FETCH_BYTES);
    settings.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 2 * FETCH_BYTES);
    consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /**
   * The offsets behind the last records that {@code read_committed} shows; empty if the topic does
   * not exist.
   */
  Map<TopicPartition, Long> ends(Topic topic) {
    return consumer.endOffsets(partitions(topic));
  }

  /** The offsets of the first records that the topic still holds. */
  Map<TopicPartition, Long> starts(Topic topic) {
    return consumer.beginningOffsets(partitions(topic));
  }

  /**
   * Passes every record before the ends to the sink, each partition in its order.
   *
   * @throws IllegalStateException if nothing comes for a minute
   */
  void read(Map<TopicPartition, Long> ends, Consumer<ConsumerRecord<byte[], byte[]>> sink) {
    consumer.assign(ends.keySet());
    consumer.seekToBeginning(ends.keySet());
    Set<TopicPartition> open = new HashSet<>(ends.keySet());
    Map<TopicPartition, Long> positions = new HashMap<>();
    long lastProgress = System.nanoTime();
    while (true) {
      for (TopicPartition partition : List.copyOf(open)) {
        long position = consumer.position(partition);
        if (!Long.valueOf(position).equals(positions.put(partition, position))) {
          lastProgress = System.nanoTime();
        }
        if (position >= ends.getOrDefault(partition, 0L)) {
          consumer.pause(Set.of(partition));
          open.remove(partition);
        }
      }
      if (open.isEmpty()) {
        return;
      }
      if (System.nanoTime() - lastProgress > STALL_LIMIT.toNanos()) {
        throw new IllegalStateException(
            "The broker has sent nothing of " + open + " for " + STALL_LIMIT.toSeconds() + " s");
      }
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        TopicPartition partition = new TopicPartition(record.topic(), record.partition());
        if (record.offset() < ends.getOrDefault(partition, 0L)) {
          sink.accept(record);
        }
      }
    }
  }

  private List<TopicPartition> partitions(Topic topic) {
    return consumer.partitionsFor(topic.name()).stream()
        .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
        .toList();
  }

  @Override
  public void close() {
    consumer.close();
  }
}
