package dev.tokenbus.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.embedded.BackbonePart;
import dev.tokenbus.embedded.BackboneSettings;
import dev.tokenbus.embedded.EmbeddedBackbone;
import dev.tokenbus.embedded.StartProgress;
import dev.tokenbus.local.Home;
import dev.tokenbus.local.LocalSettings;
import dev.tokenbus.local.LocalStack;
import dev.tokenbus.runtime.CatalogueAccess;
import dev.tokenbus.runtime.config.Addresses;
import dev.tokenbus.runtime.kafka.KafkaSettings;
import dev.tokenbus.runtime.lifecycle.Progress;
import dev.tokenbus.schemas.avro.CatalogueEntry;
import dev.tokenbus.schemas.avro.TenantEntry;
import dev.tokenbus.schemas.serde.SchemaRegistry;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.Topics;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A home that 0.1.0 has left: nothing in its catalogue names a format. */
class UpgradedHomeIT {
  private final Home home = new Home(TestDirectories.create());

  @AfterEach
  void delete() {
    TestDirectories.delete(home.directory());
  }

  @Test
  void staysAtItsFormatUntilUpHasEveryAppInItsProcess() throws Exception {
    try (EmbeddedBackbone servers =
        EmbeddedBackbone.start(BackboneSettings.in(home.directory()), new NoProgress())) {
      Addresses addresses =
          Addresses.of(
              Map.of(
                  Addresses.KAFKA, servers.endpoints().bootstrapServers(),
                  Addresses.REGISTRY, servers.endpoints().schemaRegistryUrl()));
      try (CatalogueAccess access = CatalogueAccess.open(addresses)) {
        writeAsBefore(addresses);
        assertThat(access.publisher().formatLevel()).isEqualTo(1);
      }
    }

    LocalSettings settings =
        new LocalSettings(home, TestPorts.free(), Map.of(), Optional.empty(), Map.of());
    try (LocalStack stack = LocalStack.start(settings, Progress.SILENT, () -> false);
        CatalogueAccess access = CatalogueAccess.open(Addresses.of(stack.environment()))) {
      assertThat(access.publisher().formatLevel()).isEqualTo(2);
      assertThat(CommandRun.of(Map.of(), "topics", "--home", home.directory().toString()).out())
          .contains("format level 2")
          .doesNotContain("not finished");
    }
  }

  private static void writeAsBefore(Addresses addresses) throws Exception {
    KafkaSettings kafka = new KafkaSettings(addresses);
    CatalogueEntry tenant =
        CatalogueEntry.newBuilder()
            .setAppliedAt(Instant.now())
            .setSource("up")
            .setEntry(TenantEntry.newBuilder().setName("default").build())
            .build();
    try (SchemaRegistry registry = new SchemaRegistry(URI.create(addresses.registryUrl()));
        KafkaProducer<String, SpecificRecord> producer =
            new KafkaProducer<>(
                kafka.producer("before", Duration.ZERO, Duration.ofSeconds(30)),
                new StringSerializer(),
                new TopicSchemas(registry).resolve(List.of(Topics.CATALOGUE)).serializer())) {
      producer.send(new ProducerRecord<>(Topics.CATALOGUE.name(), "tenant/default", tenant)).get();
    }
  }

  private static final class NoProgress implements StartProgress {
    @Override
    public void starting(BackbonePart part) {}

    @Override
    public void ready(BackbonePart part, Duration took) {}
  }
}
