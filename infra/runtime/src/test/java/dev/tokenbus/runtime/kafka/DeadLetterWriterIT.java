package dev.tokenbus.runtime.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.embedded.EmbeddedBroker;
import dev.tokenbus.embedded.junit.SharedServers;
import dev.tokenbus.schemas.topics.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedServers.class)
class DeadLetterWriterIT {
  private static final String APP = "dead-letter-test";

  private final TestTopics topics;

  DeadLetterWriterIT(EmbeddedBroker broker) {
    topics = new TestTopics(broker);
  }

  @Test
  void keepsTheRecordAsItWasWithTheReasonAndItsPlace() {
    try (Admin admin = Admin.create(topics.kafka().common())) {
      new dev.tokenbus.schemas.topics.TopicProvisioner(admin).provisionDeadLetters(APP);
    }
    ConsumerRecord<String, byte[]> record =
        new ConsumerRecord<>("work.openai.interactive", 3, 41, "r1", new byte[] {9, 8});
    record.headers().add("traceparent", new byte[] {1});

    new DeadLetterWriter(APP, topics.producer()).write(record, "is no Avro").join();

    TopicPartition letters = new TopicPartition(Topics.deadLetters(APP), 0);
    try (KafkaConsumer<String, byte[]> consumer =
        KafkaSettings.open(topics.kafka().consumer("test"))) {
      consumer.assign(List.of(letters));
      ConsumerRecord<String, byte[]> letter =
          consumer.poll(Duration.ofSeconds(5)).records(letters).getFirst();
      assertThat(letter.key()).isEqualTo("r1");
      assertThat(letter.value()).containsExactly(9, 8);
      assertThat(headers(letter))
          .containsEntry("traceparent", "\u0001")
          .containsEntry("tokenbus.reason", "is no Avro")
          .containsEntry("tokenbus.topic", "work.openai.interactive")
          .containsEntry("tokenbus.partition", "3")
          .containsEntry("tokenbus.offset", "41");
    }
    topics.close();
  }

  private static Map<String, String> headers(ConsumerRecord<?, ?> record) {
    Map<String, String> headers = new HashMap<>();
    record
        .headers()
        .forEach(header ->
            headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8)));
    return headers;
  }
}
