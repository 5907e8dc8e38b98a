package dev.tokenbus.router.processing;

import dev.tokenbus.router.store.DeadlineQueue;
import dev.tokenbus.router.store.TaskStore;
import dev.tokenbus.schemas.RequestId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * When time moves requests on. Times that are near are held in memory, so that a request which ends
 * within seconds costs the store nothing; times that are far are entries of the store, so that
 * memory is bounded by what comes in within {@link #NEAR} and not by what waits.
 *
 * <p>An entry may be out of date: its taker checks the request's current state. Not thread-safe.
 */
final class Schedule {
  private static final Duration NEAR = Duration.ofSeconds(30);

  /** So long a time that is far stays in memory, since most requests end before. */
  private static final Duration YOUNG = Duration.ofSeconds(10);

  private final TaskStore store;
  private final DeadlineQueue<RequestId> near = new DeadlineQueue<>();
  private Instant taken = Instant.EPOCH;

  Schedule(TaskStore store) {
    this.store = store;
  }

  /** A request has just entered a state that is due at this time. */
  void enter(RequestId id, Instant due, Instant now) {
    near.add(id, earlier(due, now.plus(YOUNG)));
  }

  /** A request is still in a state that is due at this time. */
  void remain(RequestId id, Instant due, Instant now) {
    if (due.isBefore(now.plus(NEAR))) {
      near.add(id, due);
    } else {
      store.putDue(due, id);
    }
  }

  /** Takes requests that may be due. */
  List<RequestId> take(Instant now, int most) {
    List<RequestId> due = new ArrayList<>(store.takeDue(taken, now, most));
    if (due.size() < most) {
      taken = now;
    }
    for (RequestId id = near.poll(now); id != null; id = near.poll(now)) {
      due.add(id);
      if (due.size() >= most) {
        break;
      }
    }
    return due;
  }

  private static Instant earlier(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }
}
