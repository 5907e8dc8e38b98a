package dev.tokenbus.schemas.serde;

import dev.tokenbus.schemas.topics.Topic;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.specific.SpecificRecord;
import org.apache.avro.util.ClassSecurityValidator;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;

/**
 * The schema ids of the topics an app uses, resolved once; serializers and deserializers made here
 * ask the registry for nothing while records flow, except once for each schema id that a newer or
 * older writer used.
 *
 * <p>Thread-safe, and so are the serializers and deserializers.
 */
public final class TopicSchemas {
  private static final String OUR_PACKAGES = "dev.tokenbus.";

  static {
    // Avro reads into generated classes only where it is told to trust them, and only as a global
    // setting.
    ClassSecurityValidator.setGlobal(
        ClassSecurityValidator.composite(
            ClassSecurityValidator.getGlobal(), type -> type.getName().startsWith(OUR_PACKAGES)));
  }

  private final SchemaRegistry registry;
  private final Map<String, Integer> idByTopic = new ConcurrentHashMap<>();
  private final SchemaLookup lookup;

  public TopicSchemas(SchemaRegistry registry) {
    this(registry, System::nanoTime);
  }

  TopicSchemas(SchemaRegistry registry, LongSupplier nanos) {
    this.registry = registry;
    lookup = new SchemaLookup(registry, nanos);
  }

  /**
   * Registers the topics' schemas, or finds them registered. Topics that are known already cost
   * nothing.
   *
   * @throws SchemaRegistryException if the registry is away or refuses one
   */
  public TopicSchemas resolve(Collection<Topic> topics) {
    for (Topic topic : topics) {
      idByTopic.computeIfAbsent(
          topic.name(),
          name -> {
            int id = registry.register(topic.subject(), topic.schema());
            registry.requireBackwardCompatibility(topic.subject());
            lookup.put(id, topic.schema());
            return id;
          });
    }
    return this;
  }

  /** Writes values of any topic that was given to {@link #resolve}. */
  public <T extends SpecificRecord> Serializer<T> serializer() {
    return new AvroSerializer<>(this);
  }

  /**
   * Reads values written with any schema of the registry from which the type's own schema can read.
   */
  public <T extends SpecificRecord> Deserializer<T> deserializer(Class<T> type) {
    return new AvroDeserializer<>(decoder(type));
  }

  /**
   * Reads values with a schema of the reader's own, for a reader that needs only some of the
   * fields: what the schema leaves out is skipped, not built.
   *
   * @param reader names its records as the writers do
   */
  public Deserializer<GenericRecord> deserializer(Schema reader) {
    return new AvroDeserializer<>(decoder(reader));
  }

  /**
   * As {@link #deserializer(Class)}, for those who must tell why a record cannot be read; see also
   * {@link RecordDecoder#withHeader(Class)}.
   */
  public <T extends SpecificRecord> RecordDecoder<T> decoder(Class<T> type) {
    return RecordDecoder.of(this, type);
  }

  /** As {@link #deserializer(Schema)}, for those who must tell why a record cannot be read. */
  public RecordDecoder<GenericRecord> decoder(Schema reader) {
    return RecordDecoder.of(this, reader);
  }

  public <T extends SpecificRecord> Serde<T> serde(Class<T> type) {
    return Serdes.serdeFrom(serializer(), deserializer(type));
  }

  int idFor(String topic) {
    Integer id = idByTopic.get(topic);
    if (id == null) {
      throw new IllegalStateException("No schema was resolved for topic " + topic);
    }
    return id;
  }

  Schema writtenWith(int id) {
    return lookup.get(id);
  }
}
