package dev.tokenbus.runtime.kafka;

import dev.tokenbus.embedded.EmbeddedBroker;
import dev.tokenbus.runtime.config.Addresses;
import dev.tokenbus.schemas.topics.Topic;
import dev.tokenbus.schemas.topics.TopicProvisioner;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/** Topics of a test's own on a broker, and a producer for them. */
public final class TestTopics implements AutoCloseable {
  private final KafkaSettings kafka;
  private final KafkaProducer<String, byte @Nullable []> producer;

  public TestTopics(EmbeddedBroker broker) {
    kafka = new KafkaSettings(Addresses.of(Map.of(Addresses.KAFKA, broker.bootstrapServers())));
    producer =
        new KafkaProducer<>(
            kafka.producer("test", Duration.ZERO, Duration.ofSeconds(10)),
            new StringSerializer(),
            new ByteArraySerializer());
  }

  public KafkaSettings kafka() {
    return kafka;
  }

  KafkaProducer<String, byte @Nullable []> producer() {
    return producer;
  }

  /** A topic with the values of {@code control}. */
  public Topic controls(int partitions) {
    Topic topic =
        new Topic(
            "control-" + UUID.randomUUID(),
            "request",
            Topics.CONTROL.schema(),
            partitions,
            Topic.Cleanup.DELETE,
            Duration.ofHours(1),
            Duration.ofMinutes(6),
            1024 * 1024);
    try (Admin admin = Admin.create(kafka.common())) {
      new TopicProvisioner(admin).provision(List.of(topic));
    }
    return topic;
  }

  /** Writes a record and returns its offset. */
  public long write(Topic topic, int partition, String key, byte @Nullable [] value) {
    try {
      return producer
          .send(new ProducerRecord<>(topic.name(), partition, key, value))
          .get()
          .offset();
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(1));
  }
}
