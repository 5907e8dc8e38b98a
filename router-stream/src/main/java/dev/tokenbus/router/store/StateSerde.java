package dev.tokenbus.router.store;

import dev.tokenbus.router.state.StoredEntry;
import dev.tokenbus.router.state.StoredKeyOwner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.function.LongFunction;
import org.apache.avro.Schema;
import org.apache.avro.message.MessageEncoder;
import org.jspecify.annotations.Nullable;

/**
 * The values of the store in <a
 * href="https://avro.apache.org/docs/1.12.0/specification/#single-object-encoding">Avro's
 * single-object encoding</a>: each names the schema it was written with by its fingerprint, so that
 * a newer router reads what an older one has written, and the other way as far as Avro allows.
 *
 * <p>Not thread-safe.
 */
final class StateSerde {
  private final StateDecoder<StoredEntry> entries;
  private final StateDecoder<StoredKeyOwner> owners;

  /**
   * @param newer finds the schema of a newer release by its fingerprint, or null
   */
  StateSerde(LongFunction<@Nullable Schema> newer) {
    StateSchemas schemas = new StateSchemas(newer);
    entries = new StateDecoder<>(schemas, StoredEntry.getClassSchema());
    owners = new StateDecoder<>(schemas, StoredKeyOwner.getClassSchema());
  }

  StoredEntry entry(byte[] bytes) throws UnreadableStateException {
    return entries.decode(bytes);
  }

  StoredKeyOwner owner(byte[] bytes) throws UnreadableStateException {
    return owners.decode(bytes);
  }

  static byte[] bytes(StoredEntry entry) {
    return encode(StoredEntry.getEncoder(), entry);
  }

  static byte[] bytes(StoredKeyOwner owner) {
    return encode(StoredKeyOwner.getEncoder(), owner);
  }

  private static <T> byte[] encode(MessageEncoder<T> encoder, T value) {
    try {
      ByteBuffer buffer = encoder.encode(value);
      byte[] bytes = new byte[buffer.remaining()];
      buffer.get(bytes);
      return bytes;
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot happen: writing to memory", e);
    }
  }
}
