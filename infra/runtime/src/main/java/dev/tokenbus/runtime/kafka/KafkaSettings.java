package dev.tokenbus.runtime.kafka;

import dev.tokenbus.runtime.config.Addresses;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Settings of every Kafka client of Tokenbus. Variables {@code KAFKA_CLIENT_*} of the environment
 * become settings of all clients ({@code KAFKA_CLIENT_SECURITY_PROTOCOL} is {@code
 * security.protocol}), so that any cluster can be reached.
 *
 * <p>Immutable and thread-safe; each call returns a map of its own.
 */
public final class KafkaSettings {
  private static final String PREFIX = "KAFKA_CLIENT_";
  private static final int REQUEST_TIMEOUT_MS = 10_000;

  private final Map<String, Object> common;

  public KafkaSettings(Addresses addresses) {
    Map<String, Object> settings = new HashMap<>();
    settings.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, addresses.bootstrapServers());
    settings.put(CommonClientConfigs.ENABLE_METRICS_PUSH_CONFIG, false);
    // A broker that comes back is found again quickly, and is not hammered meanwhile.
    settings.put(CommonClientConfigs.RECONNECT_BACKOFF_MS_CONFIG, 50);
    settings.put(CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, 1_000);
    addresses
        .asMap()
        .forEach((name, value) -> {
          if (name.startsWith(PREFIX)) {
            settings.put(
                name.substring(PREFIX.length()).toLowerCase(Locale.ROOT).replace('_', '.'), value);
          }
        });
    common = Map.copyOf(settings);
  }

  /** What all clients, including {@code Admin}, share. */
  public Map<String, Object> common() {
    return new HashMap<>(common);
  }

  /**
   * A producer whose records are acknowledged by all in-sync replicas and never doubled or
   * reordered by a retry. Nothing is compressed: to do so for a batch of a few hundred bytes costs
   * more than it saves.
   *
   * @param linger how long a record may wait for company; zero on the request path
   * @param deliveryTimeout after which a send fails; at least the linger time
   */
  public Map<String, Object> producer(String clientId, Duration linger, Duration deliveryTimeout) {
    Map<String, Object> settings = common();
    settings.put(ProducerConfig.CLIENT_ID_CONFIG, clientId);
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    settings.put(ProducerConfig.LINGER_MS_CONFIG, linger.toMillis());
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) deliveryTimeout.toMillis());
    settings.put(
        ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
        (int) Math.min(REQUEST_TIMEOUT_MS, Math.max(1, deliveryTimeout.minus(linger).toMillis())));
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, deliveryTimeout.toMillis());
    settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Topics.LARGE_RECORD_BYTES);
    settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 4L * Topics.LARGE_RECORD_BYTES);
    return settings;
  }

  /** A consumer that takes what is there at once and commits nothing by itself. */
  public Map<String, Object> consumer(String clientId) {
    Map<String, Object> settings = common();
    settings.put(ConsumerConfig.CLIENT_ID_CONFIG, clientId);
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(ConsumerConfig.FETCH_MIN_BYTES_CONFIG, 1);
    settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, Topics.LARGE_RECORD_BYTES);
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    return settings;
  }

  /** Opens a consumer of keys that are text and of values as they are on the topic. */
  public static KafkaConsumer<String, byte[]> open(Map<String, Object> consumerSettings) {
    return new KafkaConsumer<>(
        consumerSettings, new StringDeserializer(), new ByteArrayDeserializer());
  }
}
