package dev.tokenbus.projections.feed;

import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.serde.SchemaRegistryException;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/** Never throws, so that an undecodable record does not block its partition. */
final class DecodingDeserializer<T> implements Deserializer<DecodeResult<T>> {
  private final Projection<T> projection;

  DecodingDeserializer(Projection<T> projection) {
    this.projection = projection;
  }

  @Override
  @SuppressWarnings("NullAway") // Kafka's contract: null in, null out (a tombstone)
  public DecodeResult<T> deserialize(String topic, byte @Nullable [] bytes) {
    if (bytes == null) {
      return null;
    }
    try {
      T value = projection.deserializer().deserialize(topic, bytes);
      return new DecodeResult.Decoded<>(
          RequestId.parse(projection.requestId().apply(value)), value);
    } catch (SchemaRegistryException e) {
      return new DecodeResult.RegistryDown<>(e);
    } catch (RuntimeException e) {
      // Foreign bytes make Avro throw all kinds of exceptions, the same ones each time.
      return new DecodeResult.Undecodable<>(e);
    }
  }
}
