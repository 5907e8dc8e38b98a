package dev.tokenbus.router.processing;

import dev.tokenbus.router.lifecycle.RequestState;
import dev.tokenbus.router.lifecycle.RequestState.Stopping;
import dev.tokenbus.router.lifecycle.RequestState.Streaming;
import dev.tokenbus.router.lifecycle.Run;
import dev.tokenbus.schemas.RequestId;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The requests of each worker process, so that its death is looked up once and not for every
 * request; each with the time until which its worker's silence does not count.
 *
 * <p>Not thread-safe.
 */
final class WorkerIndex {
  private record WorkerProcess(String workerId, long epoch) {}

  private final Map<WorkerProcess, Map<RequestId, Instant>> requests = new HashMap<>();

  void moved(RequestId id, @Nullable RequestState from, @Nullable RequestState to) {
    Run before = run(from);
    Run after = run(to);
    if (before != null && !before.equals(after)) {
      WorkerProcess process = process(before);
      Map<RequestId, Instant> ids = requests.get(process);
      if (ids != null && ids.remove(id) != null && ids.isEmpty()) {
        requests.remove(process);
      }
    }
    if (after != null) {
      requests
          .computeIfAbsent(process(after), absent -> new HashMap<>())
          .put(id, to instanceof Streaming streaming ? streaming.trustUntil() : Instant.EPOCH);
    }
  }

  /** Some requests of workers that are dead, without those whose worker is trusted still. */
  List<RequestId> requestsOf(Predicate<Run> lost, Instant now, int most) {
    return requests.entrySet().stream()
        .filter(entry -> lost.test(new Run(0, entry.getKey().workerId(), entry.getKey().epoch())))
        .flatMap(entry -> entry.getValue().entrySet().stream())
        .filter(trusted -> !trusted.getValue().isAfter(now))
        .limit(most)
        .map(Map.Entry::getKey)
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
