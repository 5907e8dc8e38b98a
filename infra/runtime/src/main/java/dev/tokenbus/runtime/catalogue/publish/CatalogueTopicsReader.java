package dev.tokenbus.runtime.catalogue.publish;

import dev.tokenbus.runtime.kafka.Follow;
import dev.tokenbus.runtime.kafka.KafkaSettings;
import dev.tokenbus.runtime.kafka.StartAt;
import dev.tokenbus.runtime.kafka.TopicFollower;
import dev.tokenbus.runtime.kafka.TopicListener;
import dev.tokenbus.runtime.kafka.TopicRecord;
import dev.tokenbus.schemas.avro.ApiKeyRecord;
import dev.tokenbus.schemas.avro.CatalogueEntry;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.Topic;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the catalogue's topics to their present end. Thread-safe; every call has its own clients.
 */
final class CatalogueTopicsReader {
  private static final Logger LOG = LoggerFactory.getLogger(CatalogueTopicsReader.class);

  private final KafkaSettings kafka;
  private final TopicSchemas schemas;
  private final Duration timeout;

  CatalogueTopicsReader(KafkaSettings kafka, TopicSchemas schemas, Duration timeout) {
    this.kafka = kafka;
    this.schemas = schemas;
    this.timeout = timeout;
  }

  /**
   * Reads both topics.
   *
   * @throws KafkaException if that takes longer than the time-out
   */
  CatalogueTopics read() {
    return CatalogueTopics.of(
        read(Topics.CATALOGUE, CatalogueEntry.class), read(Topics.KEYS, ApiKeyRecord.class));
  }

  private <T extends SpecificRecord> Map<String, T> read(Topic topic, Class<T> type) {
    Map<String, T> values = new HashMap<>();
    TopicListener<T> listener =
        record -> {
          String key = String.valueOf(record.source().key());
          switch (record) {
            case TopicRecord.Present<T>(_, T value) -> values.put(key, value);
            case TopicRecord.Tombstone<T> _ -> values.remove(key);
            case TopicRecord.Unreadable<T> unreadable ->
                LOG.atWarn()
                    .addKeyValue("key", key)
                    .setCause(unreadable.why().reason())
                    .log("an entry that a newer version wrote is left as it is");
          }
        };
    try (TopicFollower<T> follower =
        TopicFollower.start(
            kafka,
            Follow.of(
                "catalogue-publisher",
                topic,
                new StartAt.Beginning(),
                schemas.decoder(type),
                listener))) {
      follower.caughtUp().get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      throw new KafkaException(
          "Topic " + topic.name() + " could not be read in " + timeout.toSeconds() + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException("Interrupted while reading topic " + topic.name(), e);
    }
    // The follower's thread has ended, so what it wrote is seen here.
    return values;
  }
}
