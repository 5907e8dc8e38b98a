package dev.tokenbus.verify.reading;

import dev.tokenbus.schemas.topics.Topic;
import dev.tokenbus.verify.ledger.RetentionHorizons;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;

/**
 * Finds out which records may have expired. A topic whose first record has offset 0 has lost
 * nothing; another may have lost what is older than its {@code retention.ms}.
 */
public final class RetentionReader {
  private final Admin admin;
  private final TopicReader reader;

  public RetentionReader(Admin admin, TopicReader reader) {
    this.admin = admin;
    this.reader = reader;
  }

  RetentionHorizons read(List<Topic> topics, Instant now) {
    Map<String, Instant> horizons = new HashMap<>();
    for (Topic topic : topics) {
      if (reader.starts(topic).values().stream().anyMatch(start -> start > 0)) {
        long kept = retentionMs(topic);
        if (kept >= 0) {
          horizons.put(topic.name(), now.minusMillis(kept));
        }
      }
    }
    return new RetentionHorizons(horizons);
  }

  /** Negative if the topic is kept for ever. */
  private long retentionMs(Topic topic) {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic.name());
    try {
      Config config = admin.describeConfigs(List.of(resource)).all().get().get(resource);
      ConfigEntry entry = config == null ? null : config.get(TopicConfig.RETENTION_MS_CONFIG);
      if (entry == null || entry.value() == null) {
        throw new IllegalStateException(
            "The broker does not say how long it keeps " + topic.name());
      }
      return Long.parseLong(entry.value());
    } catch (ExecutionException e) {
      throw new IllegalStateException(
          "The broker does not say how long it keeps " + topic.name(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while reading the settings of topics", e);
    }
  }
}
