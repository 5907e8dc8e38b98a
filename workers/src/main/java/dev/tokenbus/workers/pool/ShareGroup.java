package dev.tokenbus.workers.pool;

import dev.tokenbus.runtime.kafka.KafkaSettings;
import dev.tokenbus.schemas.avro.Priority;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.Topic;
import dev.tokenbus.schemas.topics.TopicProvisioner;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.config.ConfigResource;

/**
 * The share group (KIP-932) from which the workers of one provider and class take attempts.
 *
 * @param topic the work topic
 * @param name of the group
 */
record ShareGroup(Topic topic, String name) {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  /**
   * How long a worker may take from a delivery to its acknowledged start; the broker allows no
   * less.
   */
  private static final Duration LOCK = Duration.ofSeconds(15);

  static ShareGroup of(String provider, Priority priority) {
    return new ShareGroup(
        Topics.work(provider, priority),
        "workers." + provider + "." + priority.name().toLowerCase(Locale.ROOT));
  }

  /**
   * Makes the topic and sets the group up, before anybody joins it: a group that begins at the end
   * of its topic, as is Kafka's default, would miss what was dispatched before.
   *
   * @throws IllegalStateException if the broker refuses or does not answer
   */
  void provision(Admin admin, TopicSchemas schemas) {
    new TopicProvisioner(admin).provision(List.of(topic));
    schemas.resolve(List.of(topic));
    ConfigResource group = new ConfigResource(ConfigResource.Type.GROUP, name);
    List<AlterConfigOp> settings =
        List.of(
            set("share.auto.offset.reset", "earliest"),
            set("share.record.lock.duration.ms", Long.toString(LOCK.toMillis())));
    try {
      admin
          .incrementalAlterConfigs(Map.of(group, settings))
          .all()
          .get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException("Cannot set up share group " + name, e.getCause());
    } catch (TimeoutException e) {
      throw new IllegalStateException(
          "The broker did not set up share group " + name + " in " + TIMEOUT, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while setting up share group " + name, e);
    }
  }

  private static AlterConfigOp set(String name, String value) {
    return new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET);
  }

  /**
   * Settings of a share consumer that is given at most so many records by one poll and never
   * fetches ahead.
   *
   * <p>Without {@code record_limit} a poll may return more than it asked for, whole batches as
   * their producer wrote them, and fetch more behind the caller's back: records that this worker
   * could not start.
   */
  Map<String, Object> consumer(KafkaSettings kafka, String clientId, int mostRecords) {
    Map<String, Object> settings = new HashMap<>(kafka.common());
    settings.put(ConsumerConfig.CLIENT_ID_CONFIG, clientId);
    settings.put(ConsumerConfig.GROUP_ID_CONFIG, name);
    settings.put(ConsumerConfig.SHARE_ACKNOWLEDGEMENT_MODE_CONFIG, "explicit");
    settings.put(ConsumerConfig.SHARE_ACQUIRE_MODE_CONFIG, "record_limit");
    settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, mostRecords);
    settings.put(ConsumerConfig.FETCH_MIN_BYTES_CONFIG, 1);
    settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, Topics.LARGE_RECORD_BYTES);
    // A pool whose slots are all busy does not poll, and is no less alive for it.
    settings.put(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG, Integer.MAX_VALUE);
    return settings;
  }
}
