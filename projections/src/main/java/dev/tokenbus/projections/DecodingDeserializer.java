package dev.tokenbus.projections;

import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.serde.SchemaRegistryException;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/** Never throws: one record that cannot be read must not hold up the others of its partition. */
final class DecodingDeserializer<T> implements Deserializer<Decoded<T>> {
  private final Projection<T> projection;

  DecodingDeserializer(Projection<T> projection) {
    this.projection = projection;
  }

  @Override
  @SuppressWarnings("NullAway") // Kafka's contract: null in, null out (a tombstone)
  public Decoded<T> deserialize(String topic, byte @Nullable [] bytes) {
    if (bytes == null) {
      return null;
    }
    try {
      T value = projection.deserializer().deserialize(topic, bytes);
      return new Decoded.Legible<>(RequestId.parse(projection.requestId().apply(value)), value);
    } catch (SchemaRegistryException e) {
      return new Decoded.Undecided<>(e);
    } catch (RuntimeException e) {
      // Whatever foreign bytes make Avro throw: asking again gives the same.
      return new Decoded.Illegible<>(e);
    }
  }
}
