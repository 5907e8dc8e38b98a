package dev.tokenbus.runtime.catalogue;

import dev.tokenbus.runtime.kafka.KafkaSettings;
import dev.tokenbus.schemas.avro.CatalogueEntry;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Writes the catalogue to its topic: only what differs, and all of it in one transaction, so that
 * followers see either the old catalogue or the new one. Of two publishers at the same time the one
 * that began later wins and the other fails without having changed anything.
 *
 * <p>The topic and its schema must exist. Thread-safe; every call opens its own clients.
 */
public final class CataloguePublisher {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final String CLIENT_ID = "catalogue-publisher";

  private final KafkaSettings kafka;
  private final TopicSchemas schemas;

  public CataloguePublisher(KafkaSettings kafka, TopicSchemas schemas) {
    this.kafka = kafka;
    this.schemas = schemas;
  }

  /**
   * Makes a file the catalogue: what earlier files or the shipped catalogue named and this one does
   * not is removed.
   *
   * @throws CatalogueConflictException if the file names what somebody else manages
   * @throws KafkaException if the broker is away or another publisher came between; nothing is
   *     changed then
   */
  public CatalogueChanges apply(CatalogueFile file) {
    return replace(
        file.entries(),
        CatalogueSource.FILE,
        Set.of(CatalogueSource.FILE, CatalogueSource.SHIPPED));
  }

  /** Whether entries of the source are there. */
  public boolean has(CatalogueSource source) {
    return read().values().stream().anyMatch(source::manages);
  }

  /**
   * Makes the entries of the replaced sources be exactly the target, written as those of the
   * source.
   *
   * @throws CatalogueConflictException as {@link #apply}
   * @throws KafkaException as {@link #apply}
   */
  public CatalogueChanges replace(
      Map<String, CatalogueEntry> target, CatalogueSource source, Set<CatalogueSource> replaced) {
    Map<String, Object> settings = kafka.producer(CLIENT_ID, Duration.ZERO, TIMEOUT);
    settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, CLIENT_ID);
    try (Producer<String, CatalogueEntry> producer =
        new KafkaProducer<>(settings, new StringSerializer(), schemas.serializer())) {
      // Fences off any other publisher before the catalogue is read, so that the plan below stays
      // right.
      producer.initTransactions();
      CataloguePlan plan = CataloguePlan.of(read(), target, source, replaced);
      if (!plan.changes().isEmpty()) {
        producer.beginTransaction();
        plan.writes()
            .forEach((key, entry) -> {
              // The commit fails if any of them has.
              Future<RecordMetadata> _ =
                  producer.send(new ProducerRecord<>(Topics.CATALOGUE.name(), key, entry));
            });
        producer.commitTransaction();
      }
      return plan.changes();
    }
  }

  private Map<String, CatalogueEntry> read() {
    try (KafkaConsumer<String, CatalogueEntry> consumer =
        new KafkaConsumer<>(
            kafka.consumer(CLIENT_ID),
            new StringDeserializer(),
            schemas.deserializer(CatalogueEntry.class))) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(Topics.CATALOGUE.name()).stream()
              .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      Map<String, CatalogueEntry> entries = new HashMap<>();
      long deadline = System.nanoTime() + TIMEOUT.toNanos();
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        if (System.nanoTime() > deadline) {
          throw new KafkaException(
              "The catalogue could not be read in " + TIMEOUT.toSeconds() + " s");
        }
        for (ConsumerRecord<String, CatalogueEntry> record : consumer.poll(POLL)) {
          if (record.value() == null) {
            entries.remove(record.key());
          } else {
            entries.put(record.key(), record.value());
          }
        }
      }
      return entries;
    }
  }
}
