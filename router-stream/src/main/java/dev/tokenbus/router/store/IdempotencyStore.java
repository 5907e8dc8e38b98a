package dev.tokenbus.router.store;

import dev.tokenbus.router.lifecycle.IdempotencyEntry;
import dev.tokenbus.router.lifecycle.IdempotencyKey;
import dev.tokenbus.router.lifecycle.RequestLifecycle;
import dev.tokenbus.router.lifecycle.RequestState;
import dev.tokenbus.router.lifecycle.RequestState.Ended;
import dev.tokenbus.router.lifecycle.RequestState.Gone;
import dev.tokenbus.router.lifecycle.RequestState.Live;
import dev.tokenbus.router.state.StoredKeyOwner;
import dev.tokenbus.schemas.avro.RequestAccepted;
import java.time.Instant;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * The idempotency keys of one task's tenants and their owners. The {@link RequestLifecycle} has the
 * rules; this class has the store, and expires keys.
 *
 * <p>Used by one stream thread at a time.
 */
public final class IdempotencyStore {
  /** Limits one call, so that many keys that expire at once do not hold up requests. */
  private static final int MOST_FREED_AT_ONCE = 1_000;

  private final KeyValueStore<IdempotencyKey, StoredKeyOwner> store;
  private final RequestLifecycle lifecycle;
  private final DeadlineQueue<IdempotencyKey> deadlines = new DeadlineQueue<>();

  /**
   * Reads the whole store once, to learn when each key expires.
   *
   * @param store restored
   */
  public IdempotencyStore(
      KeyValueStore<IdempotencyKey, StoredKeyOwner> store, RequestLifecycle lifecycle) {
    this.store = store;
    this.lifecycle = lifecycle;
    try (KeyValueIterator<IdempotencyKey, StoredKeyOwner> entries = store.all()) {
      while (entries.hasNext()) {
        KeyValue<IdempotencyKey, StoredKeyOwner> entry = entries.next();
        if (entry.value.getUntil() != null) {
          deadlines.add(entry.key, entry.value.getUntil());
        }
      }
    }
  }

  /**
   * The owner of the key that the request names; null where the key is free, or there is no key.
   */
  public @Nullable IdempotencyEntry of(RequestAccepted accepted) {
    String key = accepted.getIdempotencyKey();
    return key == null ? null : load(new IdempotencyKey(accepted.getTenant(), key));
  }

  /** Updates the owner of the key of a request that is in this state. */
  public void follow(RequestState state) {
    IdempotencyKey key =
        switch (state) {
          case Live live -> live.request().idempotencyKey();
          case Ended ended -> ended.request().idempotencyKey();
          case Gone _ -> null;
        };
    if (key == null) {
      return;
    }
    IdempotencyEntry before = load(key);
    IdempotencyEntry after = lifecycle.idempotencyEntry(before, state);
    if (after == null) {
      if (before != null) {
        store.delete(key);
      }
    } else if (!after.equals(before)) {
      store.put(key, IdempotencyCodec.stored(after));
      if (after.until() != null) {
        deadlines.add(key, after.until());
      }
    }
  }

  /** Deletes expired keys, the oldest first, a limited number per call. */
  public void free(Instant now) {
    for (int i = 0; i < MOST_FREED_AT_ONCE; i++) {
      IdempotencyKey key = deadlines.poll(now);
      if (key == null) {
        return;
      }
      IdempotencyEntry owner = load(key);
      if (owner != null && owner.until() != null && !owner.until().isAfter(now)) {
        store.delete(key);
      }
    }
  }

  private @Nullable IdempotencyEntry load(IdempotencyKey key) {
    StoredKeyOwner stored = store.get(key);
    return stored == null ? null : IdempotencyCodec.owner(stored);
  }
}
