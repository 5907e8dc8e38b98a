package dev.tokenbus.schemas.serde;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the Confluent wire format and resolves the writer's schema against the reader's. Tells a
 * record that cannot be read from a registry that is away, and never throws either. Made by {@link
 * TopicSchemas}.
 *
 * <p>Thread-safe. A schema id that is seen for the first time costs one call of the registry, for
 * which the caller waits.
 */
public final class RecordDecoder<T> {
  private final TopicSchemas schemas;
  private final Function<Schema, DatumReader<T>> readerOfWriter;
  private final @Nullable Function<Schema, DatumReader<? extends IndexedRecord>> headerOfWriter;
  private final Map<Integer, DatumReader<T>> readers = new ConcurrentHashMap<>();

  private RecordDecoder(
      TopicSchemas schemas,
      Function<Schema, DatumReader<T>> readerOfWriter,
      @Nullable Function<Schema, DatumReader<? extends IndexedRecord>> headerOfWriter) {
    this.schemas = schemas;
    this.readerOfWriter = readerOfWriter;
    this.headerOfWriter = headerOfWriter;
  }

  static <T extends SpecificRecord> RecordDecoder<T> of(TopicSchemas schemas, Class<T> type) {
    return new RecordDecoder<>(schemas, specific(type), null);
  }

  static RecordDecoder<GenericRecord> of(TopicSchemas schemas, Schema reader) {
    return new RecordDecoder<>(
        schemas, writer -> new GenericDatumReader<>(writer, UnionsByName.of(writer, reader)), null);
  }

  /**
   * As this decoder; of a record that cannot be read as a whole, it reads the header.
   *
   * @param type of the header: names the record as an alias, and leaves out the fields in which a
   *     newer writer may use what this version does not know
   */
  public <H extends SpecificRecord> RecordDecoder<T> withHeader(Class<H> type) {
    Function<Schema, DatumReader<H>> reader = specific(type);
    return new RecordDecoder<>(schemas, readerOfWriter, reader::apply);
  }

  /**
   * As {@link #withHeader(Class)}, read into generic records.
   *
   * @param schema see {@link HeaderSchema}
   */
  public RecordDecoder<T> withHeader(Schema schema) {
    return new RecordDecoder<>(
        schemas,
        readerOfWriter,
        writer -> new GenericDatumReader<GenericRecord>(writer, UnionsByName.of(writer, schema)));
  }

  private static <R extends SpecificRecord> Function<Schema, DatumReader<R>> specific(
      Class<R> type) {
    Schema own = SpecificData.get().getSchema(type);
    return writer -> new SpecificDatumReader<>(writer, UnionsByName.of(writer, own));
  }

  /**
   * Reads one record's value.
   *
   * @param topic stands in reasons
   * @param bytes of the value; a tombstone has none and is the caller's to recognise
   */
  public Decoded<T> decode(String topic, byte[] bytes) {
    if (bytes.length < AvroSerializer.HEADER_BYTES || bytes[0] != AvroSerializer.MAGIC) {
      return new Decoded.Undecodable<>(
          new SerializationException(
              "A record of topic "
                  + topic
                  + " is not in the Confluent wire format ("
                  + bytes.length
                  + " bytes)"),
          null);
    }
    int id = ByteBuffer.wrap(bytes, 1, Integer.BYTES).getInt();
    Schema writer;
    try {
      writer = schemas.writtenWith(id);
    } catch (SchemaRegistryException e) {
      // The registry has answered so for a while: asking again will not help, unlike when it is
      // away.
      return e.unknown()
          ? new Decoded.Undecodable<>(
              new SerializationException(
                  "A record of topic "
                      + topic
                      + " names schema id "
                      + id
                      + ", which nobody registered as Avro",
                  e),
              null)
          : new Decoded.RegistryDown<>(e);
    }
    try {
      DatumReader<T> reader = readers.computeIfAbsent(id, unseen -> readerOfWriter.apply(writer));
      return new Decoded.Value<>(read(reader, bytes));
    } catch (IOException | RuntimeException e) {
      // Avro throws whatever foreign bytes lead it to; reading them again gives the same.
      return new Decoded.Undecodable<>(
          new SerializationException(
              "A record of topic " + topic + " cannot be read with schema id " + id, e),
          headerOf(writer, bytes));
    }
  }

  /** For clients that take a deserializer; a tombstone reads as null. */
  @SuppressWarnings("NullAway") // Kafka's contract: null in, null out
  public Deserializer<Decoded<T>> asDeserializer() {
    return (topic, bytes) -> bytes == null ? null : decode(topic, bytes);
  }

  private @Nullable IndexedRecord headerOf(Schema writer, byte[] bytes) {
    if (headerOfWriter == null) {
      return null;
    }
    try {
      return read(headerOfWriter.apply(writer), bytes);
    } catch (IOException | RuntimeException e) {
      return null;
    }
  }

  private static <R> R read(DatumReader<R> reader, byte[] bytes) throws IOException {
    return reader.read(
        null,
        DecoderFactory.get()
            .binaryDecoder(
                bytes,
                AvroSerializer.HEADER_BYTES,
                bytes.length - AvroSerializer.HEADER_BYTES,
                null));
  }
}
