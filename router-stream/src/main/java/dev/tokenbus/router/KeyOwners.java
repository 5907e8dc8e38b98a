package dev.tokenbus.router;

import dev.tokenbus.router.lifecycle.IdempotencyKey;
import dev.tokenbus.router.lifecycle.KeyOwner;
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
 * Who owns the idempotency keys of one task's tenants. The rules are the {@link
 * RequestLifecycle}'s; here is the store, and the clock that frees keys.
 *
 * <p>Used by one stream thread at a time.
 */
final class KeyOwners {
  /** So that many keys that are due at once do not hold up requests. */
  private static final int MOST_FREED_AT_ONCE = 1_000;

  private final KeyValueStore<IdempotencyKey, StoredKeyOwner> store;
  private final RequestLifecycle lifecycle;
  private final Timers<IdempotencyKey> timers = new Timers<>();

  /**
   * Reads the whole store once, to know which keys are due when.
   *
   * @param store restored
   */
  KeyOwners(KeyValueStore<IdempotencyKey, StoredKeyOwner> store, RequestLifecycle lifecycle) {
    this.store = store;
    this.lifecycle = lifecycle;
    try (KeyValueIterator<IdempotencyKey, StoredKeyOwner> entries = store.all()) {
      while (entries.hasNext()) {
        KeyValue<IdempotencyKey, StoredKeyOwner> entry = entries.next();
        if (entry.value.getUntil() != null) {
          timers.add(entry.key, entry.value.getUntil());
        }
      }
    }
  }

  /** Who owns the key that the request names; null for nobody, or where it names none. */
  @Nullable KeyOwner of(RequestAccepted accepted) {
    String key = accepted.getIdempotencyKey();
    return key == null ? null : load(new IdempotencyKey(accepted.getTenant(), key));
  }

  /** A request is in this state now, or still. */
  void follow(RequestState state) {
    IdempotencyKey key =
        switch (state) {
          case Live live -> live.request().idempotencyKey();
          case Ended ended -> ended.request().idempotencyKey();
          case Gone _ -> null;
        };
    if (key == null) {
      return;
    }
    KeyOwner before = load(key);
    KeyOwner after = lifecycle.keyOwner(before, state);
    if (after == null) {
      if (before != null) {
        store.delete(key);
      }
    } else if (!after.equals(before)) {
      store.put(key, KeyOwnerCodec.stored(after));
      if (after.until() != null) {
        timers.add(key, after.until());
      }
    }
  }

  /** Frees the keys whose time is up, the oldest first, some at a time. */
  void free(Instant now) {
    for (int i = 0; i < MOST_FREED_AT_ONCE; i++) {
      IdempotencyKey key = timers.poll(now);
      if (key == null) {
        return;
      }
      KeyOwner owner = load(key);
      if (owner != null && owner.until() != null && !owner.until().isAfter(now)) {
        store.delete(key);
      }
    }
  }

  private @Nullable KeyOwner load(IdempotencyKey key) {
    StoredKeyOwner stored = store.get(key);
    return stored == null ? null : KeyOwnerCodec.owner(stored);
  }
}
