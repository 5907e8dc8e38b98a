package dev.tokenbus.bench.floor;

import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.common.TopicPartition;

/** Where a hop reads. Belongs to one thread, except {@link #wakeup}. */
sealed interface Source extends AutoCloseable {
  ConsumerRecords<byte[], byte[]> poll(Duration most);

  /** Lets the current or next poll throw {@link org.apache.kafka.common.errors.WakeupException}. */
  void wakeup();

  @Override
  void close();

  /** Reads the topic's one partition from its beginning, without a group. */
  static Source assigned(FloorClients clients, String topic) {
    KafkaConsumer<byte[], byte[]> consumer = clients.consumer();
    TopicPartition partition = new TopicPartition(topic, 0);
    consumer.assign(List.of(partition));
    consumer.seekToBeginning(List.of(partition));
    return new Assigned(consumer);
  }

  /** Reads as the only member of a share group, which accepts a batch with the next poll. */
  static Source shared(FloorClients clients, String topic, String group) {
    KafkaShareConsumer<byte[], byte[]> consumer = clients.shareConsumer(group);
    consumer.subscribe(List.of(topic));
    return new Shared(consumer);
  }

  /** See {@link #assigned}. */
  record Assigned(KafkaConsumer<byte[], byte[]> consumer) implements Source {
    @Override
    public ConsumerRecords<byte[], byte[]> poll(Duration most) {
      return consumer.poll(most);
    }

    @Override
    public void wakeup() {
      consumer.wakeup();
    }

    @Override
    public void close() {
      consumer.close();
    }
  }

  /** See {@link #shared}. */
  record Shared(KafkaShareConsumer<byte[], byte[]> consumer) implements Source {
    @Override
    public ConsumerRecords<byte[], byte[]> poll(Duration most) {
      return consumer.poll(most);
    }

    @Override
    public void wakeup() {
      consumer.wakeup();
    }

    @Override
    public void close() {
      consumer.close();
    }
  }
}
