package dev.tokenbus.router.store;

import java.time.Instant;
import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Keys in the order of their deadlines. An entry may be out of date: its taker checks the key's
 * current state.
 *
 * <p>Not thread-safe.
 *
 * @param <K> type of the keys
 */
public final class DeadlineQueue<K> {
  private record Entry<K>(Instant due, K what) {}

  private final PriorityQueue<Entry<K>> entries =
      new PriorityQueue<>(Comparator.comparing(Entry::due));

  public void add(K what, Instant due) {
    entries.add(new Entry<>(due, what));
  }

  /** Removes a key that is due; null where none is. */
  public @Nullable K poll(Instant now) {
    Entry<K> first = entries.peek();
    if (first == null || first.due().isAfter(now)) {
      return null;
    }
    entries.remove();
    return first.what();
  }
}
