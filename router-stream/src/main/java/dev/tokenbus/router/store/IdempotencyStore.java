package dev.tokenbus.router.store;

import dev.tokenbus.router.lifecycle.IdempotencyEntry;
import dev.tokenbus.router.lifecycle.IdempotencyKey;
import dev.tokenbus.router.lifecycle.RequestLifecycle;
import dev.tokenbus.router.lifecycle.RequestState;
import dev.tokenbus.router.lifecycle.RequestState.Ended;
import dev.tokenbus.router.lifecycle.RequestState.Live;
import dev.tokenbus.schemas.avro.RequestHeader;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The idempotency keys of one task's tenants and their owners. The {@link RequestLifecycle} has the
 * rules; this class reads and writes the store, and removes keys that have expired.
 *
 * <p>Used by one stream thread at a time.
 */
public final class IdempotencyStore {
  private final TaskStore store;
  private final RequestLifecycle lifecycle;
  private @Nullable IdempotencyKey swept;
  private Instant taken = Instant.EPOCH;

  public IdempotencyStore(TaskStore store, RequestLifecycle lifecycle) {
    this.store = store;
    this.lifecycle = lifecycle;
  }

  /**
   * The owner of the key that the request names; null where the key is free, or there is no key.
   *
   * @throws UnreadableStateException if a newer version has written it
   */
  public @Nullable IdempotencyEntry of(RequestHeader accepted) throws UnreadableStateException {
    String key = accepted.getIdempotencyKey();
    return key == null ? null : store.owner(new IdempotencyKey(accepted.getTenant(), key));
  }

  /**
   * Updates the owner of the key of a request that is in this state.
   *
   * @throws UnreadableStateException if a newer version has written the owner
   */
  public void follow(RequestState state) throws UnreadableStateException {
    IdempotencyKey key =
        switch (state) {
          case Live live -> live.request().idempotencyKey();
          case Ended ended -> ended.request().idempotencyKey();
        };
    if (key == null) {
      return;
    }
    IdempotencyEntry before = store.owner(key);
    IdempotencyEntry after = lifecycle.idempotencyEntry(before, state);
    if (after == null ? before != null : !after.equals(before)) {
      note(key, after);
      store.put(key, after);
    }
  }

  /** First, so that no crash leaves a key without the note. */
  private void note(IdempotencyKey key, @Nullable IdempotencyEntry owner) {
    Instant until = owner == null ? null : owner.until();
    if (until != null) {
      store.putDue(until.isBefore(taken) ? taken : until, key);
    }
  }

  /** Removes keys that have expired. A key counts as free from the moment it expires. */
  public void expire(Instant now, int most) {
    List<IdempotencyKey> due = store.takeDueKeys(taken, now, most);
    if (due.size() < most) {
      taken = now;
    }
    due.forEach(key -> removeExpired(key, now));
  }

  /**
   * Looks at some keys, those behind the ones of the call before, and removes what has expired:
   * keys for which an earlier version has not noted when they do, and those of an import.
   */
  public void sweep(Instant now, int most) {
    List<IdempotencyKey> keys = store.idempotencyKeys(swept, most);
    keys.forEach(key -> removeExpired(key, now));
    swept = keys.size() < most ? null : keys.getLast();
  }

  private void removeExpired(IdempotencyKey key, Instant now) {
    if (expired(key, now)) {
      store.put(key, null);
    }
  }

  private boolean expired(IdempotencyKey key, Instant now) {
    try {
      IdempotencyEntry owner = store.owner(key);
      Instant until = owner == null ? null : owner.until();
      return until != null && !until.isAfter(now);
    } catch (UnreadableStateException e) {
      return false; // The version that wrote it removes it.
    }
  }
}
