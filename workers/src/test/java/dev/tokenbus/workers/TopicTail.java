package dev.tokenbus.workers;

import dev.tokenbus.runtime.AppContext;
import dev.tokenbus.schemas.topics.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Everything that is written to a topic, as it comes, with the time at which it came. */
final class TopicTail<T extends SpecificRecord> implements AutoCloseable {
  /**
   * @param seenAt by System.nanoTime
   */
  record Seen<T>(T value, int partition, long offset, long seenAt) {}

  private final List<Seen<T>> seen = new ArrayList<>();
  private final Thread thread;
  private volatile boolean closed;

  private TopicTail(KafkaConsumer<String, T> consumer, String topic) {
    thread =
        Thread.ofPlatform().name("tail-" + topic).daemon().unstarted(() -> run(consumer, topic));
  }

  static <T extends SpecificRecord> TopicTail<T> of(
      AppContext context, Topic topic, Class<T> type) {
    TopicTail<T> tail =
        new TopicTail<>(
            new KafkaConsumer<>(
                context.kafka().consumer("tail-" + topic.name()),
                new StringDeserializer(),
                context.schemas().deserializer(type)),
            topic.name());
    tail.thread.start();
    return tail;
  }

  private void run(KafkaConsumer<String, T> consumer, String topic) {
    try (consumer) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      while (!closed) {
        for (ConsumerRecord<String, T> record : consumer.poll(Duration.ofMillis(200))) {
          Seen<T> one =
              new Seen<>(record.value(), record.partition(), record.offset(), System.nanoTime());
          synchronized (seen) {
            seen.add(one);
          }
        }
      }
    }
  }

  List<Seen<T>> seen() {
    synchronized (seen) {
      return List.copyOf(seen);
    }
  }

  List<T> values() {
    return seen().stream().map(Seen::value).toList();
  }

  @Override
  public void close() {
    closed = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
