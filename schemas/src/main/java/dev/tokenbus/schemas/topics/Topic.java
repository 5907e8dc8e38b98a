package dev.tokenbus.schemas.topics;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.avro.Schema;

/**
 * One topic of the contract.
 *
 * @param name the topic's name
 * @param key what the key says, in words; keys are UTF-8 strings
 * @param schema of the value; its subject is {@code <name>-value}
 * @param partitions how many partitions it is made with
 * @param cleanup how old records go away
 * @param retention how long records are kept; for compacted topics, how long tombstones are
 * @param segment after how long a segment of the log is closed at the latest: only closed segments
 *     are deleted or compacted, so a short retention means nothing with the broker's seven days
 * @param maxRecordBytes the largest record batch it takes
 */
public record Topic(
    String name,
    String key,
    Schema schema,
    int partitions,
    Cleanup cleanup,
    Duration retention,
    Duration segment,
    int maxRecordBytes) {

  /** Kafka's {@code cleanup.policy}. */
  public enum Cleanup {
    DELETE,
    COMPACT
  }

  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9._-]{1,249}");

  public Topic {
    Objects.requireNonNull(schema, "schema");
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("Not a topic name: " + name);
    }
    if (partitions < 1) {
      throw new IllegalArgumentException("Topic " + name + " needs at least one partition");
    }
  }

  /** The registry subject of the value (Confluent's TopicNameStrategy). */
  public String subject() {
    return name + "-value";
  }

  /** Topic-level settings, by Kafka's names. */
  public Map<String, String> settings() {
    Map<String, String> settings = new TreeMap<>();
    settings.put("max.message.bytes", Integer.toString(maxRecordBytes));
    settings.put("segment.ms", Long.toString(segment.toMillis()));
    switch (cleanup) {
      case DELETE -> {
        settings.put("cleanup.policy", "delete");
        settings.put("retention.ms", Long.toString(retention.toMillis()));
      }
      case COMPACT -> {
        settings.put("cleanup.policy", "compact");
        settings.put("delete.retention.ms", Long.toString(retention.toMillis()));
        // Otherwise half of the log is history before the cleaner looks at it.
        settings.put("min.cleanable.dirty.ratio", "0.1");
      }
    }
    return settings;
  }
}
