package dev.tokenbus.router;

import java.time.Instant;
import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * What time moves on, and when. An entry may be out of date: whoever takes one looks at what it is
 * about.
 *
 * <p>Not thread-safe.
 *
 * @param <K> names what it is about
 */
final class Timers<K> {
  private record Entry<K>(Instant due, K what) {}

  private final PriorityQueue<Entry<K>> entries =
      new PriorityQueue<>(Comparator.comparing(Entry::due));

  void add(K what, Instant due) {
    entries.add(new Entry<>(due, what));
  }

  /** Takes one that is due, or gives null. */
  @Nullable K poll(Instant now) {
    Entry<K> first = entries.peek();
    if (first == null || first.due().isAfter(now)) {
      return null;
    }
    entries.remove();
    return first.what();
  }
}
