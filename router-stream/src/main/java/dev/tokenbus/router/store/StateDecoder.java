package dev.tokenbus.router.store;

import dev.tokenbus.schemas.serde.UnionsByName;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.specific.SpecificDatumReader;

/**
 * Reads one kind of value in Avro's single-object encoding. Unlike Avro's own decoder of it, this
 * one resolves the branches of unions by name: a state that only a newer version knows is not taken
 * for the first known one whose fields fit.
 *
 * <p>Not thread-safe.
 */
final class StateDecoder<T> {
  /** Two bytes, of which the second is the version of the encoding. */
  private static final short MARKER = (short) 0xC301;

  private static final int HEADER_BYTES = Short.BYTES + Long.BYTES;

  private final StateSchemas schemas;
  private final Schema own;
  private final Map<Long, DatumReader<T>> readers = new HashMap<>();

  /**
   * @param own the schema that the generated class was made of
   */
  StateDecoder(StateSchemas schemas, Schema own) {
    this.schemas = schemas;
    this.own = own;
  }

  /**
   * @throws UnreadableStateException if a newer version has written the value
   */
  T decode(byte[] bytes) throws UnreadableStateException {
    try {
      return reader(fingerprint(bytes))
          .read(
              null,
              DecoderFactory.get()
                  .binaryDecoder(bytes, HEADER_BYTES, bytes.length - HEADER_BYTES, null));
    } catch (IOException | AvroRuntimeException e) {
      throw new UnreadableStateException("A newer version has written the entry", e);
    }
  }

  private DatumReader<T> reader(long fingerprint) throws IOException {
    DatumReader<T> known = readers.get(fingerprint);
    if (known != null) {
      return known;
    }
    Schema writer = schemas.of(fingerprint);
    if (writer == null) {
      throw new IOException("Nobody has left the schema " + Long.toHexString(fingerprint));
    }
    DatumReader<T> reader = new SpecificDatumReader<>(writer, UnionsByName.of(writer, own));
    readers.put(fingerprint, reader);
    return reader;
  }

  private static long fingerprint(byte[] bytes) throws IOException {
    if (bytes.length < HEADER_BYTES || ByteBuffer.wrap(bytes).getShort() != MARKER) {
      throw new IOException("Not a value in the single-object encoding");
    }
    return ByteBuffer.wrap(bytes, Short.BYTES, Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).getLong();
  }
}
