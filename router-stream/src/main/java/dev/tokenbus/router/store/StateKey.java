package dev.tokenbus.router.store;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tokenbus.router.lifecycle.IdempotencyKey;
import dev.tokenbus.schemas.RequestId;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.UUID;
import org.apache.kafka.common.utils.Bytes;

/**
 * A key of the one store: a namespace in letters, a slash, and what tells its entries apart. {@code
 * limit/} and {@code cache/} are reserved. Entries of a namespace are neighbours in the store's
 * order.
 */
public sealed interface StateKey {
  /** Requests that have not been forgotten, in the order of their acceptance. */
  String REQUESTS = "request/";

  /** Owners of idempotency keys. */
  String IDEMPOTENCY = "key/";

  /** Idempotency keys by the time at which they are free again. */
  String IDEMPOTENCY_DUE = "key-due/";

  /** Requests that are due at a time more than some seconds away, in the order of that time. */
  String DUE = "due/";

  /** How far the input was processed. */
  String WATERMARK = "mark/";

  /** Schemas that values were written with. */
  String SCHEMAS = "schema/";

  record OfRequest(RequestId id) implements StateKey {
    @Override
    public Bytes encoded() {
      return bytes(REQUESTS, idBytes(id));
    }
  }

  /** The length of the tenant's name, the name, and the key: no two pairs have the same bytes. */
  record OfIdempotency(IdempotencyKey key) implements StateKey {
    @Override
    public Bytes encoded() {
      return bytes(IDEMPOTENCY, nameBytes(key));
    }
  }

  record OfIdempotencyDue(Instant due, IdempotencyKey key) implements StateKey {
    @Override
    public Bytes encoded() {
      byte[] name = nameBytes(key);
      return bytes(
          IDEMPOTENCY_DUE,
          ByteBuffer.allocate(Long.BYTES + name.length)
              .putLong(due.toEpochMilli())
              .put(name)
              .array());
    }
  }

  record OfDue(Instant due, RequestId id) implements StateKey {
    @Override
    public Bytes encoded() {
      return bytes(
          DUE,
          ByteBuffer.allocate(3 * Long.BYTES).putLong(due.toEpochMilli()).put(idBytes(id)).array());
    }
  }

  /**
   * How far the records of a topic were processed.
   *
   * @param topic whose partition of the task's number it is about
   */
  record OfWatermark(String topic) implements StateKey {
    @Override
    public Bytes encoded() {
      return bytes(WATERMARK, topic.getBytes(US_ASCII));
    }
  }

  record OfSchema(long fingerprint) implements StateKey {
    @Override
    public Bytes encoded() {
      return bytes(SCHEMAS, ByteBuffer.allocate(Long.BYTES).putLong(fingerprint).array());
    }
  }

  /** The key as the store and its changelog hold it. */
  Bytes encoded();

  /**
   * The request that a key of {@link #REQUESTS} is about.
   *
   * @throws IllegalArgumentException if it is not such a key
   */
  static RequestId requestOf(Bytes key) {
    return id(key, REQUESTS.length(), REQUESTS);
  }

  /**
   * The request that a key of {@link #DUE} is about.
   *
   * @throws IllegalArgumentException if it is not such a key
   */
  static RequestId dueRequestOf(Bytes key) {
    return id(key, DUE.length() + Long.BYTES, DUE);
  }

  /**
   * The name that a key of {@link #IDEMPOTENCY} is about.
   *
   * @throws IllegalArgumentException if it is not such a key
   */
  static IdempotencyKey idempotencyOf(Bytes key) {
    return name(key, IDEMPOTENCY.length(), IDEMPOTENCY);
  }

  /**
   * The name that a key of {@link #IDEMPOTENCY_DUE} is about.
   *
   * @throws IllegalArgumentException if it is not such a key
   */
  static IdempotencyKey dueIdempotencyOf(Bytes key) {
    return name(key, IDEMPOTENCY_DUE.length() + Long.BYTES, IDEMPOTENCY_DUE);
  }

  /** The first key of a namespace. */
  static Bytes first(String namespace) {
    return bytes(namespace, new byte[0]);
  }

  /**
   * The first key that may be of this time or later.
   *
   * @param namespace {@link #DUE} or {@link #IDEMPOTENCY_DUE}
   */
  static Bytes firstDue(String namespace, Instant time) {
    return bytes(namespace, ByteBuffer.allocate(Long.BYTES).putLong(time.toEpochMilli()).array());
  }

  /**
   * A key behind the last of a namespace: no other namespace begins with '0', the next character.
   */
  static Bytes behind(String namespace) {
    return bytes(namespace.substring(0, namespace.length() - 1) + '0', new byte[0]);
  }

  private static RequestId id(Bytes key, int from, String namespace) {
    requireNamespace(key, namespace);
    ByteBuffer buffer = ByteBuffer.wrap(key.get(), from, 2 * Long.BYTES);
    return new RequestId(new UUID(buffer.getLong(), buffer.getLong()));
  }

  private static IdempotencyKey name(Bytes key, int from, String namespace) {
    requireNamespace(key, namespace);
    byte[] bytes = key.get();
    int tenant = ByteBuffer.wrap(bytes, from, Integer.BYTES).getInt();
    int word = from + Integer.BYTES + tenant;
    return new IdempotencyKey(
        new String(bytes, from + Integer.BYTES, tenant, UTF_8),
        new String(bytes, word, bytes.length - word, UTF_8));
  }

  private static void requireNamespace(Bytes key, String namespace) {
    byte[] wanted = namespace.getBytes(US_ASCII);
    for (int i = 0; i < wanted.length; i++) {
      if (i >= key.get().length || key.get()[i] != wanted[i]) {
        throw new IllegalArgumentException("Not a key of " + namespace + ": " + key);
      }
    }
  }

  private static byte[] nameBytes(IdempotencyKey key) {
    byte[] tenant = key.tenant().getBytes(UTF_8);
    byte[] word = key.key().getBytes(UTF_8);
    return ByteBuffer.allocate(Integer.BYTES + tenant.length + word.length)
        .putInt(tenant.length)
        .put(tenant)
        .put(word)
        .array();
  }

  private static byte[] idBytes(RequestId id) {
    return ByteBuffer.allocate(2 * Long.BYTES)
        .putLong(id.value().getMostSignificantBits())
        .putLong(id.value().getLeastSignificantBits())
        .array();
  }

  private static Bytes bytes(String namespace, byte[] rest) {
    byte[] name = namespace.getBytes(US_ASCII);
    return Bytes.wrap(ByteBuffer.allocate(name.length + rest.length).put(name).put(rest).array());
  }
}
