package dev.tokenbus.runtime;

import dev.tokenbus.runtime.catalogue.publish.CataloguePublisher;
import dev.tokenbus.runtime.config.Addresses;
import dev.tokenbus.runtime.kafka.KafkaSettings;
import dev.tokenbus.schemas.serde.SchemaRegistry;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.Topic;
import dev.tokenbus.schemas.topics.TopicProvisioner;
import dev.tokenbus.schemas.topics.Topics;
import java.net.URI;
import java.util.List;
import org.apache.kafka.clients.admin.Admin;

/**
 * Reads and writes the catalogue without being an app: for commands.
 *
 * <p>Not thread-safe.
 */
public final class CatalogueAccess implements AutoCloseable {
  private static final List<Topic> TOPICS = List.of(Topics.CATALOGUE, Topics.KEYS);

  private final SchemaRegistry registry;
  private final CataloguePublisher publisher;

  private CatalogueAccess(SchemaRegistry registry, CataloguePublisher publisher) {
    this.registry = registry;
    this.publisher = publisher;
  }

  /**
   * Creates the catalogue's topics if they are missing and resolves their schemas.
   *
   * @throws IllegalStateException if an address is missing or the broker does not answer
   * @throws dev.tokenbus.schemas.serde.SchemaRegistryException if the registry is away
   */
  public static CatalogueAccess open(Addresses addresses) {
    KafkaSettings kafka = new KafkaSettings(addresses);
    try (Admin admin = Admin.create(kafka.common())) {
      new TopicProvisioner(admin).provision(TOPICS);
    }
    SchemaRegistry registry = new SchemaRegistry(URI.create(addresses.registryUrl()));
    try {
      TopicSchemas schemas = new TopicSchemas(registry).resolve(TOPICS);
      return new CatalogueAccess(registry, new CataloguePublisher(kafka, schemas));
    } catch (RuntimeException e) {
      registry.close();
      throw e;
    }
  }

  /** Applies files, ends upgrades, tells the format level. */
  public CataloguePublisher publisher() {
    return publisher;
  }

  @Override
  public void close() {
    registry.close();
  }
}
