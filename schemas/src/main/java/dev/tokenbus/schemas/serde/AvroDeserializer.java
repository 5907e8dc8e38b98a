package dev.tokenbus.schemas.serde;

import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * {@link RecordDecoder} for those who take a value or an exception: {@link
 * org.apache.kafka.common.errors.SerializationException} for bytes that this version cannot read,
 * {@link SchemaRegistryException} while the registry is away.
 */
final class AvroDeserializer<T> implements Deserializer<T> {
  private final RecordDecoder<T> decoder;

  AvroDeserializer(RecordDecoder<T> decoder) {
    this.decoder = decoder;
  }

  @Override
  @SuppressWarnings("NullAway") // Kafka's contract: null in, null out (a tombstone)
  public T deserialize(String topic, byte @Nullable [] bytes) {
    if (bytes == null) {
      return null;
    }
    return switch (decoder.decode(topic, bytes)) {
      case Decoded.Value<T>(T value) -> value;
      case Decoded.Undecodable<T> undecodable -> throw undecodable.reason();
      case Decoded.RegistryDown<T> down -> throw down.cause();
    };
  }
}
