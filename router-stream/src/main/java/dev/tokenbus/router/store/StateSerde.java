package dev.tokenbus.router.store;

import dev.tokenbus.router.state.StoredEntry;
import dev.tokenbus.router.state.StoredKeyOwner;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.apache.avro.Schema;
import org.apache.avro.message.MessageDecoder;
import org.apache.avro.message.MessageEncoder;
import org.apache.avro.message.SchemaStore;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;

/**
 * The values of the stores in <a
 * href="https://avro.apache.org/docs/1.12.0/specification/#single-object-encoding">Avro's
 * single-object encoding</a>: each names the schema it was written with by its fingerprint, so a
 * newer router reads the changelog of an older one. Every schema there has been stands beside this
 * class as {@code state/<version>.avsc} and {@code keys/<version>.avsc}.
 */
public final class StateSerde {
  /** The resource folder of the schemas of {@link StoredEntry}. */
  static final String ENTRIES = "state";

  /** The number of the schema that {@link StoredEntry} is generated from. */
  static final int LATEST_ENTRY = 4;

  /** The resource folder of the schemas of {@link StoredKeyOwner}. */
  static final String KEY_OWNERS = "keys";

  /** The number of the schema that {@link StoredKeyOwner} is generated from. */
  static final int LATEST_KEY_OWNER = 1;

  private StateSerde() {}

  public static Serde<StoredEntry> entries() {
    return Serdes.serdeFrom(
        serializer(StoredEntry.getEncoder()),
        deserializer(StoredEntry.createDecoder(known(ENTRIES, LATEST_ENTRY))));
  }

  public static Serde<StoredKeyOwner> keyOwners() {
    return Serdes.serdeFrom(
        serializer(StoredKeyOwner.getEncoder()),
        deserializer(StoredKeyOwner.createDecoder(known(KEY_OWNERS, LATEST_KEY_OWNER))));
  }

  static Schema schema(String kind, int version) {
    String name = kind + "/" + version + ".avsc";
    try (InputStream resource = StateSerde.class.getResourceAsStream(name)) {
      if (resource == null) {
        throw new IllegalStateException("Schema " + name + " is missing from the router's jar");
      }
      return new Schema.Parser().parse(resource);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read schema " + name, e);
    }
  }

  private static SchemaStore known(String kind, int latest) {
    SchemaStore.Cache known = new SchemaStore.Cache();
    for (int version = 1; version <= latest; version++) {
      known.addSchema(schema(kind, version));
    }
    return known;
  }

  private static <T> Serializer<T> serializer(MessageEncoder<T> encoder) {
    return (topic, value) -> {
      if (value == null) {
        return null;
      }
      try {
        ByteBuffer buffer = encoder.encode(value);
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
      } catch (IOException e) {
        throw new UncheckedIOException("Cannot happen: writing to memory", e);
      }
    };
  }

  private static <T> Deserializer<T> deserializer(MessageDecoder<T> decoder) {
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
