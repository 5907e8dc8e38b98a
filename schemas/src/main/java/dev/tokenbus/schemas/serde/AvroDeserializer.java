package dev.tokenbus.schemas.serde;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/** Reads the Confluent wire format; the writer's schema is resolved against the reader's. */
final class AvroDeserializer<T> implements Deserializer<T> {
  private final TopicSchemas schemas;
  private final Function<Schema, DatumReader<T>> readerOfWriter;
  private final Map<Integer, DatumReader<T>> readers = new ConcurrentHashMap<>();

  private AvroDeserializer(TopicSchemas schemas, Function<Schema, DatumReader<T>> readerOfWriter) {
    this.schemas = schemas;
    this.readerOfWriter = readerOfWriter;
  }

  static <T extends SpecificRecord> AvroDeserializer<T> of(TopicSchemas schemas, Class<T> type) {
    Schema own = SpecificData.get().getSchema(type);
    return new AvroDeserializer<>(schemas, writer -> new SpecificDatumReader<>(writer, own));
  }

  static AvroDeserializer<GenericRecord> of(TopicSchemas schemas, Schema reader) {
    return new AvroDeserializer<>(schemas, writer -> new GenericDatumReader<>(writer, reader));
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
    DatumReader<T> reader = readerFor(id, topic);
    try {
      return reader.read(
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

  private DatumReader<T> readerFor(int id, String topic) {
    try {
      return readers.computeIfAbsent(id, key -> readerOfWriter.apply(schemas.writtenWith(key)));
    } catch (SchemaRegistryException e) {
      if (e.unknown()) {
        // The registry has answered: asking again will not help, unlike when it is away.
        throw new SerializationException(
            "A record of topic " + topic + " names schema id " + id + ", which nobody registered",
            e);
      }
      throw e;
    }
  }
}
