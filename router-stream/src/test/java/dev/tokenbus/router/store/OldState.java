package dev.tokenbus.router.store;

import dev.tokenbus.router.lifecycle.IdempotencyEntry;
import dev.tokenbus.router.lifecycle.IdempotencyKey;
import dev.tokenbus.router.lifecycle.RequestState;
import dev.tokenbus.router.state.StoredEntry;
import dev.tokenbus.schemas.RequestId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificDatumWriter;

/** Keys and values as the stores of 0.1.0 held them, and as today's store does. */
public final class OldState {
  private OldState() {}

  public static byte[] key(RequestId id) {
    byte[] key = new StateKey.OfRequest(id).encoded().get();
    return Arrays.copyOfRange(key, StateKey.REQUESTS.length(), key.length);
  }

  public static byte[] key(IdempotencyKey key) {
    byte[] bytes = new StateKey.OfIdempotency(key).encoded().get();
    return Arrays.copyOfRange(bytes, StateKey.IDEMPOTENCY.length(), bytes.length);
  }

  public static byte[] newKey(RequestId id) {
    return new StateKey.OfRequest(id).encoded().get();
  }

  public static byte[] newKey(IdempotencyKey key) {
    return new StateKey.OfIdempotency(key).encoded().get();
  }

  public static byte[] newValue(StateCodec codec, RequestState state) {
    return StateSerde.bytes(codec.stored(state));
  }

  /** By the fourth schema, the last of 0.1.0. */
  public static byte[] value(StateCodec codec, RequestState state) {
    Schema old = StateSchemas.load(StateSchemas.REQUESTS, 4);
    try {
      ByteArrayOutputStream now = new ByteArrayOutputStream();
      BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(now, null);
      new SpecificDatumWriter<>(StoredEntry.class).write(codec.stored(state), encoder);
      GenericRecord record =
          new GenericDatumReader<GenericRecord>(StoredEntry.getClassSchema(), old)
              .read(null, DecoderFactory.get().binaryDecoder(now.toByteArray(), null));
      ByteBuffer bytes =
          new BinaryMessageEncoder<GenericRecord>(GenericData.get(), old).encode(record);
      byte[] value = new byte[bytes.remaining()];
      bytes.get(value);
      return value;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static byte[] value(IdempotencyEntry owner) {
    return StateSerde.bytes(IdempotencyCodec.stored(owner));
  }
}
