package dev.tokenbus.runtime.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.runtime.config.Addresses;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;

class KafkaSettingsTest {
  private final KafkaSettings settings =
      new KafkaSettings(
          Addresses.of(
              Map.of(
                  Addresses.KAFKA,
                  "127.0.0.1:9092",
                  "KAFKA_CLIENT_SECURITY_PROTOCOL",
                  "SASL_SSL",
                  "KAFKA_HEAP_OPTS",
                  "-Xmx1g")));

  @Test
  void everyClientReachesASecuredClusterThroughTheEnvironment() {
    assertThat(settings.common())
        .containsEntry("security.protocol", "SASL_SSL")
        .doesNotContainKey("heap.opts");
    assertThat(settings.consumer("c")).containsEntry("security.protocol", "SASL_SSL");
    assertThat(settings.producer("p", Duration.ZERO, Duration.ofSeconds(2)))
        .containsEntry("security.protocol", "SASL_SSL");
  }

  @Test
  void kafkaAcceptsTheSettingsOfProducersWhateverTheirTimeouts() {
    for (Duration delivery : new Duration[] {Duration.ofMillis(1_500), Duration.ofMinutes(2)}) {
      ProducerConfig config =
          new ProducerConfig(
              withSerializers(settings.producer("p", Duration.ofMillis(2), delivery)));

      assertThat(config.getInt(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG) + 2L)
          .isLessThanOrEqualTo(delivery.toMillis());
      assertThat(config.getBoolean(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG)).isTrue();
      assertThat(config.getString(ProducerConfig.ACKS_CONFIG)).isEqualTo("-1");
    }
  }

  @Test
  void consumersCommitNothingByThemselves() {
    Map<String, Object> consumer = settings.consumer("c");
    consumer.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
    consumer.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);

    assertThat(new ConsumerConfig(consumer).getBoolean(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG))
        .isFalse();
  }

  private static Map<String, Object> withSerializers(Map<String, Object> producer) {
    String serializer = "org.apache.kafka.common.serialization.ByteArraySerializer";
    producer.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, serializer);
    producer.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, serializer);
    return producer;
  }
}
