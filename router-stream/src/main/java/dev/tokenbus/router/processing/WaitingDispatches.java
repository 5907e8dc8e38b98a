package dev.tokenbus.router.processing;

import dev.tokenbus.router.lifecycle.ClusterView;
import dev.tokenbus.router.lifecycle.PoolState;
import dev.tokenbus.router.lifecycle.RequestState;
import dev.tokenbus.router.lifecycle.RequestState.Dispatched;
import dev.tokenbus.schemas.avro.Priority;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Dispatches that have waited for a worker for some seconds, as a number per pool. They may stay in
 * a queue for hours, so none is looked at while its pool is busy; when it is idle or nobody serves
 * it, the requests of the task are walked through.
 *
 * <p>Not thread-safe.
 */
final class WaitingDispatches {
  /** Until this age a dispatch is looked at by itself. */
  static final Duration YOUNG = Duration.ofSeconds(6);

  private static final Duration PAUSE = Duration.ofSeconds(2);

  private record Pool(String provider, Priority priority) {}

  private final ClusterView cluster;
  private final Map<Pool, Integer> waiting = new HashMap<>();
  private final Map<Pool, Integer> counted = new HashMap<>();
  private final Set<Pool> open = new HashSet<>();
  private Instant next = Instant.EPOCH;

  WaitingDispatches(ClusterView cluster) {
    this.cluster = cluster;
  }

  /** A dispatch is not young any more. */
  void add(Dispatched state) {
    waiting.merge(pool(state), 1, Integer::sum);
    counted.computeIfPresent(pool(state), (pool, number) -> number + 1);
  }

  /** Whether a walk through the requests of the task should begin now. */
  boolean begin(Instant now) {
    if (waiting.isEmpty() || now.isBefore(next)) {
      return false;
    }
    open.clear();
    counted.clear();
    for (Pool pool : waiting.keySet()) {
      if (cluster.pool(pool.provider(), pool.priority(), now).kind() != PoolState.Kind.BUSY) {
        open.add(pool);
        counted.put(pool, 0);
      }
    }
    return !open.isEmpty();
  }

  /** Whether the walk is about a request in this state. */
  boolean concerns(@Nullable RequestState state, Instant now) {
    return state instanceof Dispatched dispatched
        && open.contains(pool(dispatched))
        && !dispatched.at().plus(YOUNG).isAfter(now);
  }

  /** A request that the walk was about still waits. */
  void stays(Dispatched state) {
    counted.merge(pool(state), 1, Integer::sum);
  }

  /** The walk has ended: what it has counted is what waits. */
  void end(Instant now) {
    waiting.putAll(counted);
    waiting.values().removeIf(number -> number == 0);
    open.clear();
    counted.clear();
    next = now.plus(PAUSE);
  }

  private static Pool pool(Dispatched state) {
    return new Pool(state.attempt().provider(), state.request().outcome().getPriority());
  }
}
