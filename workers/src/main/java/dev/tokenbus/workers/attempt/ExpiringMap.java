package dev.tokenbus.workers.attempt;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Remembers values for a while, and never more than so many: the oldest go first.
 *
 * <p>Thread-safe.
 */
final class ExpiringMap<K, V> {
  private record Entry<V>(V value, Instant until) {}

  private final InstantSource clock;
  private final Duration lifetime;
  private final int capacity;
  private final Map<K, Entry<V>> entries = new LinkedHashMap<>();

  ExpiringMap(InstantSource clock, Duration lifetime, int capacity) {
    this.clock = clock;
    this.lifetime = lifetime;
    this.capacity = capacity;
  }

  synchronized void put(K key, V value) {
    Instant now = clock.instant();
    // Taken out first, so that the order of insertion stays the order of expiry.
    entries.remove(key);
    entries.put(key, new Entry<>(value, now.plus(lifetime)));
    Iterator<Entry<V>> oldest = entries.values().iterator();
    while (oldest.hasNext()) {
      boolean expired = !oldest.next().until().isAfter(now);
      if (!expired && entries.size() <= capacity) {
        return;
      }
      oldest.remove();
    }
  }

  /**
   * Changes a value, or the one given where there is none.
   *
   * @return the new value
   */
  synchronized V merge(K key, V none, UnaryOperator<V> change) {
    V changed = change.apply(get(key).orElse(none));
    put(key, changed);
    return changed;
  }

  synchronized Optional<V> get(K key) {
    Entry<V> entry = entries.get(key);
    return entry == null || !entry.until().isAfter(clock.instant())
        ? Optional.empty()
        : Optional.of(entry.value());
  }
}
