package dev.tokenbus.schemas.serde;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/** Reads the Confluent wire format; the writer's schema is resolved against the type's own. */
final class AvroDeserializer<T extends SpecificRecord> implements Deserializer<T> {
  private final TopicSchemas schemas;
  private final Schema readerSchema;
  private final Map<Integer, SpecificDatumReader<T>> readers = new ConcurrentHashMap<>();

  AvroDeserializer(TopicSchemas schemas, Class<T> type) {
    this.schemas = schemas;
    readerSchema = SpecificData.get().getSchema(type);
  }

  @Override
  @SuppressWarnings("NullAway") // Kafka's contract: null in, null out (a tombstone)
  public T deserialize(String topic, byte @Nullable [] bytes) {
    if (bytes == null) {
      return null;
    }
    if (bytes.length < AvroSerializer.HEADER_BYTES || bytes[0] != AvroSerializer.MAGIC) {
      throw new SerializationException(
          "A record of topic "
              + topic
              + " is not in the Confluent wire format ("
              + bytes.length
              + " bytes)");
    }
    int id = ByteBuffer.wrap(bytes, 1, Integer.BYTES).getInt();
    try {
      return readers
          .computeIfAbsent(id, this::readerOf)
          .read(
              null,
              DecoderFactory.get()
                  .binaryDecoder(
                      bytes,
                      AvroSerializer.HEADER_BYTES,
                      bytes.length - AvroSerializer.HEADER_BYTES,
                      null));
    } catch (IOException | AvroRuntimeException e) {
      throw new SerializationException(
          "A record of topic " + topic + " cannot be read with schema id " + id, e);
    }
  }

  private SpecificDatumReader<T> readerOf(int id) {
    return new SpecificDatumReader<>(schemas.writtenWith(id), readerSchema);
  }
}
