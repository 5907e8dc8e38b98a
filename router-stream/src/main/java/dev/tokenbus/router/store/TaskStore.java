package dev.tokenbus.router.store;

import dev.tokenbus.router.lifecycle.IdempotencyEntry;
import dev.tokenbus.router.lifecycle.IdempotencyKey;
import dev.tokenbus.router.lifecycle.RequestState;
import dev.tokenbus.router.state.StoredEntry;
import dev.tokenbus.router.state.StoredKeyOwner;
import dev.tokenbus.schemas.RequestId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * All that one task keeps, in one store with one changelog, so that what is written first is
 * restored first: requests, owners of idempotency keys, times that are far, how far the input was
 * processed, and the schemas of the values. Memory holds at most {@value #RECENT} states of running
 * requests a second time, since the next report on a request mostly comes soon after the last.
 *
 * <p>Used by one stream thread at a time.
 */
public final class TaskStore {
  private static final int RECENT = 1_000;

  private final KeyValueStore<Bytes, byte[]> entries;
  private final StateCodec codec;
  private final StateSerde serde;
  private final Map<RequestId, RequestState.Live> recent =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<RequestId, RequestState.Live> eldest) {
          return size() > RECENT;
        }
      };

  /**
   * @param entries restored
   */
  public TaskStore(KeyValueStore<Bytes, byte[]> entries, StateCodec codec) {
    this.entries = entries;
    this.codec = codec;
    serde = new StateSerde(this::newerSchema);
    keep(StoredEntry.getClassSchema());
    keep(StoredKeyOwner.getClassSchema());
  }

  /** Lets the release before this one read what this one writes. */
  private void keep(Schema schema) {
    Bytes key = new StateKey.OfSchema(SchemaNormalization.parsingFingerprint64(schema)).encoded();
    if (entries.get(key) == null) {
      entries.put(key, schema.toString().getBytes(StandardCharsets.UTF_8));
    }
  }

  private @Nullable Schema newerSchema(long fingerprint) {
    byte[] json = entries.get(new StateKey.OfSchema(fingerprint).encoded());
    return json == null
        ? null
        : new Schema.Parser().parse(new String(json, StandardCharsets.UTF_8));
  }

  /**
   * Null where the request is not known.
   *
   * @throws UnreadableStateException if a newer version has written it
   */
  public @Nullable RequestState request(RequestId id) throws UnreadableStateException {
    RequestState.Live known = recent.get(id);
    if (known != null) {
      return known;
    }
    byte[] bytes = entries.get(new StateKey.OfRequest(id).encoded());
    return bytes == null ? null : codec.state(serde.entry(bytes));
  }

  /** Keeps the state of a request. */
  public void put(RequestId id, RequestState state) {
    entries.put(new StateKey.OfRequest(id).encoded(), StateSerde.bytes(codec.stored(state)));
    if (state instanceof RequestState.Live live) {
      recent.put(id, live);
    } else {
      recent.remove(id);
    }
  }

  /**
   * Forgets a request that has ended. The watermark must be behind its record: keep it with {@link
   * #processed} before.
   */
  public void delete(RequestId id) {
    entries.delete(new StateKey.OfRequest(id).encoded());
    recent.remove(id);
  }

  /**
   * The ids of some requests in the order of their acceptance.
   *
   * @param behind the last one of the part before; null to begin
   */
  public List<RequestId> requests(@Nullable RequestId behind, int most) {
    Bytes from =
        behind == null
            ? StateKey.first(StateKey.REQUESTS)
            : next(new StateKey.OfRequest(behind).encoded());
    List<RequestId> ids = new ArrayList<>();
    try (KeyValueIterator<Bytes, byte[]> found =
        entries.range(from, StateKey.behind(StateKey.REQUESTS))) {
      while (ids.size() < most && found.hasNext()) {
        ids.add(StateKey.requestOf(found.next().key));
      }
    }
    return ids;
  }

  /**
   * The owner of an idempotency key; null where it is free.
   *
   * @throws UnreadableStateException if a newer version has written it
   */
  public @Nullable IdempotencyEntry owner(IdempotencyKey key) throws UnreadableStateException {
    byte[] bytes = entries.get(new StateKey.OfIdempotency(key).encoded());
    return bytes == null ? null : IdempotencyCodec.owner(serde.owner(bytes));
  }

  /** Keeps the owner of an idempotency key; null to free it. */
  public void put(IdempotencyKey key, @Nullable IdempotencyEntry owner) {
    Bytes encoded = new StateKey.OfIdempotency(key).encoded();
    if (owner == null) {
      entries.delete(encoded);
    } else {
      entries.put(encoded, StateSerde.bytes(IdempotencyCodec.stored(owner)));
    }
  }

  /**
   * Some idempotency keys in the order of the store.
   *
   * @param behind the last one of the part before; null to begin
   */
  public List<IdempotencyKey> idempotencyKeys(@Nullable IdempotencyKey behind, int most) {
    Bytes from =
        behind == null
            ? StateKey.first(StateKey.IDEMPOTENCY)
            : next(new StateKey.OfIdempotency(behind).encoded());
    List<IdempotencyKey> keys = new ArrayList<>();
    try (KeyValueIterator<Bytes, byte[]> found =
        entries.range(from, StateKey.behind(StateKey.IDEMPOTENCY))) {
      while (keys.size() < most && found.hasNext()) {
        keys.add(StateKey.idempotencyOf(found.next().key));
      }
    }
    return keys;
  }

  /** Notes when an idempotency key is free again. */
  public void putDue(Instant due, IdempotencyKey key) {
    note(new StateKey.OfIdempotencyDue(due, key));
  }

  /** Removes and returns some idempotency keys that were noted; see {@link #takeDue}. */
  public List<IdempotencyKey> takeDueKeys(Instant from, Instant to, int most) {
    return take(StateKey.IDEMPOTENCY_DUE, from, to, most).stream()
        .map(StateKey::dueIdempotencyOf)
        .toList();
  }

  /** Notes that a request is due at a time that is far. */
  public void putDue(Instant due, RequestId id) {
    note(new StateKey.OfDue(due, id));
  }

  /**
   * Removes and returns some requests that were noted for a time.
   *
   * @param from not before; spares the reading of what was removed before
   * @param to not after
   */
  public List<RequestId> takeDue(Instant from, Instant to, int most) {
    return take(StateKey.DUE, from, to, most).stream().map(StateKey::dueRequestOf).toList();
  }

  private void note(StateKey due) {
    Bytes key = due.encoded();
    if (entries.get(key) == null) {
      entries.put(key, new byte[0]);
    }
  }

  private List<Bytes> take(String namespace, Instant from, Instant to, int most) {
    List<Bytes> keys = new ArrayList<>();
    try (KeyValueIterator<Bytes, byte[]> found =
        entries.range(
            StateKey.firstDue(namespace, from), StateKey.firstDue(namespace, to.plusMillis(1)))) {
      while (keys.size() < most && found.hasNext()) {
        KeyValue<Bytes, byte[]> entry = found.next();
        keys.add(entry.key);
      }
    }
    keys.forEach(entries::delete);
    return keys;
  }

  /** The offset of a topic up to which all records were processed; 0 where none was kept. */
  public long processed(String topic) {
    byte[] bytes = entries.get(new StateKey.OfWatermark(topic).encoded());
    return bytes == null ? 0 : ByteBuffer.wrap(bytes).getLong();
  }

  /** Keeps the offset of a topic up to which all records were processed. */
  public void processed(String topic, long offset) {
    entries.put(
        new StateKey.OfWatermark(topic).encoded(),
        ByteBuffer.allocate(Long.BYTES).putLong(offset).array());
  }

  /** The least key that is greater. */
  private static Bytes next(Bytes key) {
    return Bytes.wrap(ByteBuffer.allocate(key.get().length + 1).put(key.get()).array());
  }
}
