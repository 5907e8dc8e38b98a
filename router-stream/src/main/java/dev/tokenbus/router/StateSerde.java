package dev.tokenbus.router;

import dev.tokenbus.router.state.StoredEntry;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.apache.avro.Schema;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.message.SchemaStore;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;

/**
 * The store's values in <a
 * href="https://avro.apache.org/docs/1.12.0/specification/#single-object-encoding">Avro's
 * single-object encoding</a>: each names the schema it was written with by its fingerprint, so a
 * newer router reads the changelog of an older one. Every schema there has been stands beside this
 * class as {@code state/<version>.avsc}.
 */
final class StateSerde {
  /** The number of the schema that {@link StoredEntry} is generated from. */
  static final int LATEST = 2;

  private StateSerde() {}

  static Serde<StoredEntry> create() {
    SchemaStore.Cache known = new SchemaStore.Cache();
    for (int version = 1; version <= LATEST; version++) {
      known.addSchema(schema(version));
    }
    return Serdes.serdeFrom(serializer(), deserializer(known));
  }

  static Schema schema(int version) {
    String name = "state/" + version + ".avsc";
    try (InputStream resource = StateSerde.class.getResourceAsStream(name)) {
      if (resource == null) {
        throw new IllegalStateException("Schema " + name + " is missing from the router's jar");
      }
      return new Schema.Parser().parse(resource);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read schema " + name, e);
    }
  }

  private static Serializer<StoredEntry> serializer() {
    BinaryMessageEncoder<StoredEntry> encoder = StoredEntry.getEncoder();
    return (topic, entry) -> {
      if (entry == null) {
        return null;
      }
      try {
        ByteBuffer buffer = encoder.encode(entry);
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
      } catch (IOException e) {
        throw new UncheckedIOException("Cannot happen: writing to memory", e);
      }
    };
  }

  private static Deserializer<StoredEntry> deserializer(SchemaStore known) {
    BinaryMessageDecoder<StoredEntry> decoder = StoredEntry.createDecoder(known);
    return (topic, bytes) -> {
      if (bytes == null) {
        return null;
      }
      try {
        return decoder.decode(bytes);
      } catch (IOException e) {
        throw new SerializationException("Cannot read the router's state", e);
      }
    };
  }
}
