package dev.tokenbus.schemas.serde;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/** Confluent wire format: byte 0, the schema id in four bytes, Avro binary. */
final class AvroSerializer<T extends SpecificRecord> implements Serializer<T> {
  static final int MAGIC = 0;
  static final int HEADER_BYTES = 5;
  private static final int USUAL_BYTES = 512;

  private final TopicSchemas schemas;
  private final Map<Schema, SpecificDatumWriter<T>> writers = new ConcurrentHashMap<>();

  AvroSerializer(TopicSchemas schemas) {
    this.schemas = schemas;
  }

  @Override
  @SuppressWarnings("NullAway") // Kafka's contract: null in, null out (a tombstone)
  public byte[] serialize(String topic, @Nullable T value) {
    if (value == null) {
      return null;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(USUAL_BYTES);
    try (DataOutputStream header = new DataOutputStream(bytes)) {
      header.writeByte(MAGIC);
      header.writeInt(schemas.idFor(topic));
      header.flush();
      BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
      writers
          .computeIfAbsent(value.getSchema(), schema -> new SpecificDatumWriter<>(schema))
          .write(value, encoder);
      encoder.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot happen: writing to memory", e);
    }
    return bytes.toByteArray();
  }
}
