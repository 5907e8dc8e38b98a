package dev.tokenbus.router;

import static org.awaitility.Awaitility.await;

import dev.tokenbus.runtime.AppContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

/** All committed records of a topic, from its beginning. */
final class TopicReader<T extends SpecificRecord> implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final KafkaConsumer<String, T> consumer;
  private final String topic;
  final List<ConsumerRecord<String, T>> records = new ArrayList<>();

  TopicReader(AppContext context, String topic, Class<T> type) {
    this.topic = topic;
    Map<String, Object> settings = context.kafka().consumer("test-" + topic);
    settings.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 50);
    consumer =
        new KafkaConsumer<>(
            settings, new StringDeserializer(), context.schemas().deserializer(type));
    List<TopicPartition> partitions =
        await()
            .atMost(PATIENCE)
            .until(() -> consumer.partitionsFor(topic), found -> !found.isEmpty())
            .stream()
            .map(p -> new TopicPartition(p.topic(), p.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
  }

  /** Takes what is there now. */
  List<T> poll(Duration patience) {
    List<T> values = new ArrayList<>();
    for (ConsumerRecord<String, T> record : consumer.poll(patience)) {
      records.add(record);
      values.add(record.value());
    }
    return values;
  }

  /** Reads on until what has been read so far is as wanted. */
  List<T> until(Predicate<List<T>> wanted) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!wanted.test(values())) {
      if (System.nanoTime() > end) {
        throw new AssertionError("Topic " + topic + " holds only " + records.size() + " records");
      }
      poll(Duration.ofMillis(100));
    }
    return values();
  }

  List<T> values() {
    return records.stream().map(ConsumerRecord::value).toList();
  }

  @Override
  public void close() {
    consumer.close();
  }
}
