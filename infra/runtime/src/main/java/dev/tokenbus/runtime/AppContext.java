package dev.tokenbus.runtime;

import dev.tokenbus.runtime.catalogue.CatalogueFollower;
import dev.tokenbus.runtime.config.Addresses;
import dev.tokenbus.runtime.kafka.KafkaSettings;
import dev.tokenbus.schemas.serde.SchemaRegistry;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.TopicProvisioner;
import dev.tokenbus.schemas.topics.Topics;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.apache.kafka.clients.admin.Admin;

/**
 * What every app starts from: addresses, Kafka settings, schema ids and the catalogue as it is now.
 * Apps that run in one process share one context; whoever opened it closes it after the apps.
 *
 * <p>Thread-safe.
 */
public final class AppContext implements AutoCloseable {
  private static final Duration CATALOGUE_TIMEOUT = Duration.ofSeconds(30);

  private final Addresses addresses;
  private final Path stateDirectory;
  private final KafkaSettings kafka;
  private final SchemaRegistry registry;
  private final TopicSchemas schemas;
  private final CatalogueFollower catalogue;
  private final Clock clock = Clock.systemUTC();

  private AppContext(
      Addresses addresses,
      Path stateDirectory,
      KafkaSettings kafka,
      SchemaRegistry registry,
      TopicSchemas schemas,
      CatalogueFollower catalogue) {
    this.addresses = addresses;
    this.stateDirectory = stateDirectory;
    this.kafka = kafka;
    this.registry = registry;
    this.schemas = schemas;
    this.catalogue = catalogue;
  }

  /**
   * Makes missing topics, resolves schemas and reads the catalogue to its present end.
   *
   * @param stateDirectory for what an app keeps on disk and can rebuild from topics
   * @throws IllegalStateException if an address is missing or the broker does not answer
   * @throws dev.tokenbus.schemas.serde.SchemaRegistryException if the registry is away or refuses a
   *     schema
   */
  public static AppContext open(Addresses addresses, Path stateDirectory) {
    KafkaSettings kafka = new KafkaSettings(addresses);
    try (Admin admin = Admin.create(kafka.common())) {
      new TopicProvisioner(admin).provision(Topics.all());
    }
    SchemaRegistry registry = new SchemaRegistry(URI.create(addresses.registryUrl()));
    try {
      TopicSchemas schemas = new TopicSchemas(registry).resolve(Topics.all());
      CatalogueFollower catalogue = CatalogueFollower.start(kafka, schemas, CATALOGUE_TIMEOUT);
      return new AppContext(addresses, stateDirectory, kafka, registry, schemas, catalogue);
    } catch (RuntimeException e) {
      registry.close();
      throw e;
    }
  }

  public Addresses addresses() {
    return addresses;
  }

  public Path stateDirectory() {
    return stateDirectory;
  }

  public KafkaSettings kafka() {
    return kafka;
  }

  public TopicSchemas schemas() {
    return schemas;
  }

  public CatalogueFollower catalogue() {
    return catalogue;
  }

  public Clock clock() {
    return clock;
  }

  @Override
  public void close() {
    catalogue.close();
    registry.close();
  }
}
