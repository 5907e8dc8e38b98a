package dev.tokenbus.runtime.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tokenbus.embedded.EmbeddedBroker;
import dev.tokenbus.embedded.junit.SharedServers;
import dev.tokenbus.embedded.registry.InMemoryRegistry;
import dev.tokenbus.runtime.catalogue.file.CatalogueFile;
import dev.tokenbus.runtime.catalogue.publish.CatalogueChanges;
import dev.tokenbus.runtime.catalogue.publish.CataloguePublisher;
import dev.tokenbus.runtime.config.Addresses;
import dev.tokenbus.runtime.kafka.KafkaSettings;
import dev.tokenbus.schemas.avro.ApiKeyEntry;
import dev.tokenbus.schemas.avro.ApiKeyRecord;
import dev.tokenbus.schemas.avro.CatalogueEntry;
import dev.tokenbus.schemas.avro.TenantEntry;
import dev.tokenbus.schemas.serde.SchemaRegistry;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.TopicProvisioner;
import dev.tokenbus.schemas.topics.Topics;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedServers.class)
class CatalogueIT {
  private static final String SHA = "ab".repeat(32);
  private static final String OTHER_SHA = "cd".repeat(32);

  private final KafkaSettings kafka;
  private final SchemaRegistry registry;
  private final TopicSchemas schemas;
  private final CataloguePublisher publisher;

  CatalogueIT(EmbeddedBroker broker, InMemoryRegistry server) {
    kafka = new KafkaSettings(Addresses.of(Map.of(Addresses.KAFKA, broker.bootstrapServers())));
    registry = new SchemaRegistry(URI.create(server.url()));
    schemas = new TopicSchemas(registry);
    publisher = new CataloguePublisher(kafka, schemas);
  }

  @BeforeEach
  void emptyTopics() throws Exception {
    List<String> names = List.of(Topics.CATALOGUE.name(), Topics.KEYS.name());
    try (Admin admin = Admin.create(kafka.common())) {
      if (admin.listTopics().names().get().containsAll(names)) {
        admin.deleteTopics(names).all().get();
        await().until(() -> admin.listTopics().names().get().stream().noneMatch(names::contains));
      }
      await()
          .ignoreExceptions()
          .until(() -> {
            new TopicProvisioner(admin).provision(List.of(Topics.CATALOGUE, Topics.KEYS));
            return true;
          });
    }
    schemas.resolve(List.of(Topics.CATALOGUE, Topics.KEYS));
  }

  @AfterEach
  void close() {
    registry.close();
  }

  @Test
  void aFreshInstallationWritesTheFormatOfThisVersionAndKeepsKeysApart() {
    publisher.apply(file("tenants: { acme: { keys: { web: { sha256: " + SHA + " } } } }"));

    await()
        .untilAsserted(() ->
            assertThat(onTopic(Topics.CATALOGUE.name(), CatalogueEntry.class))
                .containsOnlyKeys("tenant/acme", "format/level"));
    await()
        .untilAsserted(() ->
            assertThat(onTopic(Topics.KEYS.name(), ApiKeyRecord.class))
                .containsOnlyKeys("acme/web"));
    try (CatalogueFollower follower = follow()) {
      await().until(() -> follower.current().formatLevel() == 2);
      await().until(() -> follower.current().key(SHA).isPresent());
      assertThat(follower.ready()).isTrue();
    }
  }

  @Test
  void beside010KeysStayWhereItReadsThemUntilTheUpgradeIsFinal() throws Exception {
    writtenBy010();

    publisher.apply(
        file(
            "tenants: { acme: { keys: { web: { sha256: "
                + SHA
                + " }, app: { sha256: "
                + OTHER_SHA
                + " } } } }"));

    await()
        .untilAsserted(() ->
            assertThat(onTopic(Topics.CATALOGUE.name(), CatalogueEntry.class))
                .containsOnlyKeys("tenant/acme", "key/acme/web", "key/acme/app"));
    assertThat(onTopic(Topics.KEYS.name(), ApiKeyRecord.class)).isEmpty();

    try (CatalogueFollower follower = follow()) {
      List<Boolean> known = new CopyOnWriteArrayList<>();
      assertThat(follower.current().formatLevel()).isEqualTo(1);
      await().until(() -> follower.current().key(OTHER_SHA).isPresent());
      follower.onChange(catalogue ->
          known.add(catalogue.key(SHA).isPresent() && catalogue.key(OTHER_SHA).isPresent()));

      assertThat(publisher.finalizeUpgrade(Duration.ofSeconds(1))).isTrue();

      await().until(() -> follower.current().formatLevel() == 2);
      await().until(() -> known.size() >= 3);
      assertThat(known).doesNotContain(false);
    }
    await()
        .untilAsserted(() ->
            assertThat(onTopic(Topics.CATALOGUE.name(), CatalogueEntry.class))
                .containsOnlyKeys("tenant/acme", "format/level"));
    await()
        .untilAsserted(() ->
            assertThat(onTopic(Topics.KEYS.name(), ApiKeyRecord.class))
                .containsOnlyKeys("acme/web", "acme/app"));
    assertThat(publisher.finalizeUpgrade(Duration.ZERO)).isFalse();
  }

  @Test
  void aKeyThatIsRevokedDuringAnUpgradeIsRevokedInBothPlaces() throws Exception {
    writtenBy010();
    write(
        Topics.KEYS.name(),
        "acme/web",
        new ApiKeyRecord(Instant.EPOCH, key("acme", "web", SHA), "file"));

    CatalogueChanges changes = publisher.apply(file("tenants: { acme: { } }"));

    assertThat(changes.removed()).containsExactly("key/acme/web");
    try (CatalogueFollower follower = follow()) {
      await().until(() -> follower.current().key(SHA).isEmpty());
    }
  }

  @Test
  void ofAKeyInBothPlacesTheOneOnItsOwnTopicCounts() {
    writtenBy010();
    write(
        Topics.KEYS.name(),
        "acme/web",
        new ApiKeyRecord(Instant.EPOCH, key("acme", "web", OTHER_SHA), "file"));

    try (CatalogueFollower follower = follow()) {
      assertThat(follower.current().key(SHA)).isEmpty();
      assertThat(follower.current().key(OTHER_SHA)).isPresent();
    }
  }

  @Test
  void followersSeeAnApplicationOfAThousandEntriesAsAWhole() {
    publisher.apply(file("tenants: { first: { } }"));
    try (CatalogueFollower follower = follow()) {
      await().until(() -> follower.current().tenant("first").isPresent());
      List<Integer> sizes = new CopyOnWriteArrayList<>();
      follower.onChange(catalogue -> sizes.add(catalogue.all(TenantEntry.class).size()));
      StringBuilder yaml = new StringBuilder("tenants:\n");
      for (int i = 0; i < 2_000; i++) {
        yaml.append("  t").append(i).append(": { }\n");
      }

      publisher.apply(file(yaml.toString()));

      await().until(() -> sizes.contains(2_000));
      assertThat(sizes).containsOnly(1, 2_000);
    }
  }

  @Test
  void aRecordThatCannotBeReadLeavesWhatItReplacesInForce() {
    writtenBy010();
    try (CatalogueFollower follower = follow()) {
      writeBytes(Topics.CATALOGUE.name(), "tenant/acme", new byte[] {1, 2, 3});
      write(
          Topics.CATALOGUE.name(),
          "tenant/bolt",
          entry(TenantEntry.newBuilder().setName("bolt").build()));

      await().until(() -> follower.current().tenant("bolt").isPresent());
      assertThat(follower.current().tenant("acme")).isPresent();
      assertThat(follower.ready()).isTrue();
    }
  }

  private void writtenBy010() {
    write(
        Topics.CATALOGUE.name(),
        "tenant/acme",
        entry(TenantEntry.newBuilder().setName("acme").build()));
    write(Topics.CATALOGUE.name(), "key/acme/web", entry(key("acme", "web", SHA)));
  }

  private static CatalogueEntry entry(SpecificRecord entry) {
    return new CatalogueEntry(Instant.EPOCH, entry, "file");
  }

  private static ApiKeyEntry key(String tenant, String name, String sha256) {
    return ApiKeyEntry.newBuilder().setTenant(tenant).setName(name).setSha256(sha256).build();
  }

  private static CatalogueFile file(String yaml) {
    return CatalogueFile.parse("test.yaml", yaml, Map.of(), Instant.now());
  }

  private CatalogueFollower follow() {
    return CatalogueFollower.start(kafka, schemas, Duration.ofSeconds(20));
  }

  private void write(String topic, String key, SpecificRecord value) {
    writeBytes(topic, key, schemas.serializer().serialize(topic, value));
  }

  private void writeBytes(String topic, String key, byte[] value) {
    try (KafkaProducer<String, byte[]> producer =
        new KafkaProducer<>(
            kafka.producer("test", Duration.ZERO, Duration.ofSeconds(10)),
            new StringSerializer(),
            new org.apache.kafka.common.serialization.ByteArraySerializer())) {
      producer.send(new ProducerRecord<>(topic, key, value)).get();
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private <T extends SpecificRecord> Map<String, T> onTopic(String topic, Class<T> type) {
    Deserializer<T> deserializer = schemas.deserializer(type);
    Map<String, @Nullable T> found = new HashMap<>();
    TopicPartition partition = new TopicPartition(topic, 0);
    try (KafkaConsumer<String, byte[]> consumer = KafkaSettings.open(kafka.consumer("test"))) {
      consumer.assign(List.of(partition));
      long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
      while (consumer.position(partition) < end) {
        consumer
            .poll(Duration.ofMillis(200))
            .forEach(
                record -> found.put(record.key(), deserializer.deserialize(topic, record.value())));
      }
    }
    Map<String, T> present = new TreeMap<>();
    found.forEach((key, value) -> {
      if (value != null) {
        present.put(key, value);
      }
    });
    return present;
  }
}
