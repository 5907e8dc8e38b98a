package dev.tokenbus.router.processing;

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
 * The requests of each worker process, so that its death is looked up once and not for every
 * request.
 *
 * <p>Not thread-safe.
 */
final class WorkerIndex {
  private record WorkerProcess(String workerId, long epoch) {}

  private final Map<WorkerProcess, Set<RequestId>> requests = new HashMap<>();

  void moved(RequestId id, @Nullable RequestState from, @Nullable RequestState to) {
    Run before = run(from);
    Run after = run(to);
    if (before != null && !before.equals(after)) {
      WorkerProcess process = process(before);
      Set<RequestId> ids = requests.get(process);
      if (ids != null && ids.remove(id) && ids.isEmpty()) {
        requests.remove(process);
      }
    }
    if (after != null && !after.equals(before)) {
      requests.computeIfAbsent(process(after), absent -> new HashSet<>()).add(id);
    }
  }

  /** The requests of all workers that are dead. */
  List<RequestId> requestsOf(Predicate<Run> lost) {
    return requests.entrySet().stream()
        .filter(entry -> lost.test(new Run(0, entry.getKey().workerId(), entry.getKey().epoch())))
        .flatMap(entry -> entry.getValue().stream())
        .toList();
  }

  private static WorkerProcess process(Run run) {
    return new WorkerProcess(run.workerId(), run.workerEpoch());
  }

  private static @Nullable Run run(@Nullable RequestState state) {
    if (state instanceof Streaming streaming) {
      return streaming.run();
    }
    return state instanceof Stopping stopping ? stopping.run() : null;
  }
}
