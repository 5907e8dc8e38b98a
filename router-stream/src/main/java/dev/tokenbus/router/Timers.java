package dev.tokenbus.router;

import dev.tokenbus.schemas.RequestId;
import java.time.Instant;
import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Which requests time moves on, and when. An entry may be out of date: whoever takes one looks at
 * the request's state.
 *
 * <p>Not thread-safe.
 */
final class Timers {
  private record Entry(Instant due, RequestId id) {}

  private final PriorityQueue<Entry> entries =
      new PriorityQueue<>(Comparator.comparing(Entry::due));

  void add(RequestId id, Instant due) {
    entries.add(new Entry(due, id));
  }

  /** Takes a request that is due, or gives null. */
  @Nullable RequestId poll(Instant now) {
    Entry first = entries.peek();
    if (first == null || first.due().isAfter(now)) {
      return null;
    }
    entries.remove();
    return first.id();
  }
}
