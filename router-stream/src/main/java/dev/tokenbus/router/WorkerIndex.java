package dev.tokenbus.router;

import dev.tokenbus.router.lifecycle.RequestState;
import dev.tokenbus.router.lifecycle.RequestState.Stopping;
import dev.tokenbus.router.lifecycle.RequestState.Streaming;
import dev.tokenbus.router.lifecycle.Run;
import dev.tokenbus.schemas.RequestId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which requests run on which life of which worker, so that the death of one is looked up once and
 * not for every request.
 *
 * <p>Not thread-safe.
 */
final class WorkerIndex {
  private record Life(String workerId, long epoch) {}

  private final Map<Life, Set<RequestId>> requests = new HashMap<>();

  void moved(RequestId id, @Nullable RequestState from, @Nullable RequestState to) {
    Run before = run(from);
    Run after = run(to);
    if (before != null && !before.equals(after)) {
      Life life = life(before);
      Set<RequestId> ids = requests.get(life);
      if (ids != null && ids.remove(id) && ids.isEmpty()) {
        requests.remove(life);
      }
    }
    if (after != null && !after.equals(before)) {
      requests.computeIfAbsent(life(after), absent -> new HashSet<>()).add(id);
    }
  }

  /** The requests of all workers that are lost. */
  List<RequestId> requestsOf(Predicate<Run> lost) {
    return requests.entrySet().stream()
        .filter(entry -> lost.test(new Run(0, entry.getKey().workerId(), entry.getKey().epoch())))
        .flatMap(entry -> entry.getValue().stream())
        .toList();
  }

  private static Life life(Run run) {
    return new Life(run.workerId(), run.workerEpoch());
  }

  private static @Nullable Run run(@Nullable RequestState state) {
    if (state instanceof Streaming streaming) {
      return streaming.run();
    }
    return state instanceof Stopping stopping ? stopping.run() : null;
  }
}
