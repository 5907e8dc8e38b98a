package dev.tokenbus.projections;

import dev.tokenbus.embedded.EmbeddedBroker;
import dev.tokenbus.embedded.EmbeddedPostgres;
import dev.tokenbus.embedded.postgres.PostgresSettings;
import dev.tokenbus.embedded.registry.InMemoryRegistry;
import dev.tokenbus.runtime.AppContext;
import dev.tokenbus.runtime.config.Addresses;
import dev.tokenbus.schemas.topics.Topic;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/** A broker, a registry and a PostgreSQL that can be stopped and started, for one test class. */
final class Stack implements AutoCloseable {
  final InMemoryRegistry registry;
  final AppContext context;

  private final EmbeddedBroker broker;
  private final KafkaProducer<String, byte[]> producer;
  private PostgresSettings postgresSettings;
  private @Nullable EmbeddedPostgres postgres;
  private final String databaseUrl;

  Stack(Path directory) {
    broker = EmbeddedBroker.startTemporary();
    registry = InMemoryRegistry.start();
    postgresSettings =
        PostgresSettings.in(directory.resolve("postgres"))
            .withBinaries(Path.of(System.getProperty("java.io.tmpdir"), "tokenbus-test-postgres"))
            .withOverrides(Map.of("fsync", "off"));
    EmbeddedPostgres first = EmbeddedPostgres.start(postgresSettings);
    postgresSettings = postgresSettings.withPort(first.port());
    postgres = first;
    databaseUrl = first.url();
    context = AppContext.open(addresses(), directory);
    producer =
        new KafkaProducer<>(
            context.kafka().producer("test", Duration.ZERO, Duration.ofSeconds(30)),
            new StringSerializer(),
            new ByteArraySerializer());
  }

  Addresses addresses() {
    return Addresses.of(environment());
  }

  Map<String, String> environment() {
    Map<String, String> environment = new HashMap<>();
    environment.put(Addresses.KAFKA, broker.bootstrapServers());
    environment.put(Addresses.REGISTRY, registry.url());
    environment.put(Addresses.DATABASE, databaseUrl);
    return environment;
  }

  ProjectionsSettings settings() {
    return ProjectionsSettings.from(addresses());
  }

  String databaseUrl() {
    return databaseUrl;
  }

  Jdbi jdbi() {
    return Jdbi.create(DatabaseUrl.parse(databaseUrl).dataSource());
  }

  void stopPostgres() {
    EmbeddedPostgres running = postgres;
    if (running != null) {
      running.close();
      postgres = null;
    }
  }

  void startPostgres() {
    if (postgres == null) {
      postgres = EmbeddedPostgres.start(postgresSettings);
    }
  }

  /** What PostgreSQL has printed. */
  String postgresLog() {
    try {
      return Files.readString(postgresSettings.logFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns when the records are acknowledged. */
  void produce(Topic topic, String tenant, SpecificRecord... values) {
    produce(topic, tenant, List.of(values));
  }

  void produce(Topic topic, String tenant, List<? extends SpecificRecord> values) {
    Serializer<SpecificRecord> serializer = context.schemas().serializer();
    produceBytes(
        topic.name(),
        tenant,
        values.stream().map(value -> serializer.serialize(topic.name(), value)).toList());
  }

  ProducerRecord<String, byte[]> record(Topic topic, String tenant, SpecificRecord value) {
    return new ProducerRecord<>(
        topic.name(), tenant, context.schemas().serializer().serialize(topic.name(), value));
  }

  /** Returns the partition they went to. */
  int produceBytes(String topic, String tenant, List<byte[]> values) {
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    values.forEach(value -> sent.add(producer.send(new ProducerRecord<>(topic, tenant, value))));
    try {
      int partition = -1;
      for (Future<RecordMetadata> future : sent) {
        partition = future.get().partition();
      }
      return partition;
    } catch (ExecutionException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    producer.close();
    context.close();
    stopPostgres();
    registry.close();
    broker.close();
  }
}
