package dev.tokenbus.runtime.catalogue.publish;

import dev.tokenbus.runtime.catalogue.Catalogue;
import dev.tokenbus.runtime.catalogue.file.CatalogueFile;
import dev.tokenbus.runtime.kafka.KafkaSettings;
import dev.tokenbus.schemas.avro.CatalogueEntry;
import dev.tokenbus.schemas.serde.TopicSchemas;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/**
 * Writes the catalogue to its topics: only what differs, and all of it in one transaction, so that
 * followers see either the old catalogue or the new one. Of two publishers at the same time the one
 * that began later wins and the other fails without having changed anything.
 *
 * <p>The first catalogue of an installation also sets its format level to that of this version; one
 * that 0.1.0 has written stays at 0.1.0's until {@link #finalizeUpgrade}.
 *
 * <p>The topics and their schemas must exist. Thread-safe; every call opens its own clients.
 */
public final class CataloguePublisher {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final String CLIENT_ID = "catalogue-publisher";

  private final KafkaSettings kafka;
  private final TopicSchemas schemas;
  private final CatalogueTopicsReader reader;

  public CataloguePublisher(KafkaSettings kafka, TopicSchemas schemas) {
    this.kafka = kafka;
    this.schemas = schemas;
    reader = new CatalogueTopicsReader(kafka, schemas, TIMEOUT);
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

  /** Which formats the apps may write now; see {@link Catalogue#formatLevel()}. */
  public int formatLevel() {
    return reader.read().formatLevel();
  }

  /** Whether entries of the source are there. */
  public boolean has(CatalogueSource source) {
    return reader.read().entries().values().stream().anyMatch(source::manages);
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
    try (Producer<String, @Nullable SpecificRecord> producer = producer()) {
      CatalogueTopics present = reader.read();
      CataloguePlan plan = CataloguePlan.of(present.entries(), target, source, replaced);
      List<ProducerRecord<String, @Nullable SpecificRecord>> records =
          new ArrayList<>(CatalogueWrites.records(present, plan.writes(), present.formatLevel()));
      if (present.isFresh() && !records.isEmpty()) {
        records.add(format());
      }
      write(producer, records);
      return plan.changes();
    }
  }

  /**
   * Ends an upgrade: from now on the apps write what 0.2.0 reads, and API keys stand on a topic of
   * their own. To be called when no app of 0.1.0 runs any more; does nothing when it has been done.
   *
   * @param settle how long the apps have to see the keys in their new place before they leave the
   *     old one
   * @return whether there was something to do
   * @throws KafkaException if the broker is away or another publisher came between; to be called
   *     again then
   */
  public boolean finalizeUpgrade(Duration settle) throws InterruptedException {
    boolean done = false;
    try (Producer<String, @Nullable SpecificRecord> producer = producer()) {
      CatalogueTopics present = reader.read();
      List<ProducerRecord<String, @Nullable SpecificRecord>> records = new ArrayList<>();
      present
          .oldKeys()
          .forEach((key, entry) -> {
            if (!present.newKeys().containsKey(key)) {
              records.add(CatalogueWrites.keys(key, entry));
            }
          });
      if (present.isFresh() || present.formatLevel() < Catalogue.FORMAT_OF_0_2) {
        records.add(format());
      }
      write(producer, records);
      done = !records.isEmpty() || !present.oldKeys().isEmpty();
      if (!present.oldKeys().isEmpty()) {
        Thread.sleep(settle);
        write(
            producer,
            present.oldKeys().keySet().stream()
                .map(key -> CatalogueWrites.catalogue(key, null))
                .toList());
      }
    }
    return done;
  }

  private static ProducerRecord<String, @Nullable SpecificRecord> format() {
    CatalogueEntry entry = CatalogueTopics.format(Instant.now());
    return CatalogueWrites.catalogue(Catalogue.keyOf(entry), entry);
  }

  /** Fences off any other publisher, so that what is read afterwards stays true. */
  private Producer<String, @Nullable SpecificRecord> producer() {
    Map<String, Object> settings = kafka.producer(CLIENT_ID, Duration.ZERO, TIMEOUT);
    settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, CLIENT_ID);
    Producer<String, @Nullable SpecificRecord> producer =
        new KafkaProducer<>(settings, new StringSerializer(), schemas.<SpecificRecord>serializer());
    try {
      producer.initTransactions();
      return producer;
    } catch (RuntimeException e) {
      producer.close(Duration.ZERO);
      throw e;
    }
  }

  private static void write(
      Producer<String, @Nullable SpecificRecord> producer,
      List<ProducerRecord<String, @Nullable SpecificRecord>> records) {
    if (records.isEmpty()) {
      return;
    }
    producer.beginTransaction();
    for (ProducerRecord<String, @Nullable SpecificRecord> record : records) {
      // The commit fails if any of them has.
      Future<RecordMetadata> _ = producer.send(record);
    }
    producer.commitTransaction();
  }
}
