package dev.tokenbus.router.cluster;

import dev.tokenbus.router.lifecycle.PoolState;
import dev.tokenbus.router.lifecycle.PoolState.Kind;
import dev.tokenbus.schemas.avro.Priority;
import dev.tokenbus.schemas.avro.WorkerHeartbeat;
import dev.tokenbus.schemas.avro.WorkerPool;
import dev.tokenbus.schemas.avro.WorkerState;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The living workers and their load, from their heartbeats.
 *
 * <p>Silence counts only while heartbeats could have arrived: when the broker was away, or this
 * process was paused, every worker gets the full time again. Steady heartbeats of another running
 * worker prove that they could arrive, so that a shorter silence is enough beside one. All instants
 * are of this process's clock, so the clocks of workers do not matter.
 *
 * <p>Thread-safe.
 */
public final class WorkerDirectory {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerDirectory.class);

  /** An attempt may be reported before the first heartbeat of its worker arrives. */
  private static final Duration UNKNOWN_FOR = Duration.ofSeconds(10);

  /**
   * By then the worker's requests were re-dispatched long ago; the topic keeps its last heartbeat.
   */
  private static final Duration FORGOTTEN_AFTER = Duration.ofMinutes(10);

  /** After this long without an answer from the broker, heartbeats may have been missed. */
  private static final Duration UNREACHED_FOR = Duration.ofMillis(1_500);

  /** Heartbeats come three times as often; a longer gap means a delay on the way. */
  private static final Duration STEADY = Duration.ofMillis(750);

  /**
   * @param steadySince since when no heartbeat was delayed
   */
  private record Heard(WorkerHeartbeat heartbeat, Instant at, Instant steadySince) {
    boolean running() {
      return heartbeat.getState() == WorkerState.RUNNING;
    }

    boolean serves(WorkerPool pool) {
      return running()
          && heartbeat.getPools().stream()
              .anyMatch(own ->
                  own.getProvider().equals(pool.getProvider())
                      && own.getPriority() == pool.getPriority());
    }

    boolean steady(Instant now) {
      return Duration.between(at, now).compareTo(STEADY) <= 0;
    }
  }

  private record WorkerProcess(String workerId, long epoch) {}

  private record PoolKey(String provider, Priority priority) {}

  private final Duration silence;
  private final Duration silenceBesideOthers;
  private final Map<String, Heard> workers = new HashMap<>();

  /** Ids of workers that fell silent while they ran requests. */
  private final Set<String> missed = new HashSet<>();

  private final Map<WorkerProcess, Instant> strangers = new HashMap<>();
  private final Map<PoolKey, PoolState> pools = new HashMap<>();
  private Instant reachedSince;
  private Instant reachedAt;

  /**
   * @param silence silence silence after which a worker counts as dead
   * @param silenceBesideOthers the same while another worker's heartbeats are steady
   */
  public WorkerDirectory(Duration silence, Duration silenceBesideOthers, Instant now) {
    this.silence = silence;
    this.silenceBesideOthers = silenceBesideOthers;
    reachedSince = now;
    reachedAt = now;
  }

  /** The broker has answered: all heartbeats up to now have been read. */
  synchronized void reached(Instant now) {
    if (Duration.between(reachedAt, now).compareTo(UNREACHED_FOR) > 0) {
      reachedSince = now;
    }
    reachedAt = now;
    workers.values().removeIf(worker -> forgotten(worker.at(), now));
    strangers.values().removeIf(since -> forgotten(since, now));
    missed.retainAll(workers.keySet());
  }

  private boolean forgotten(Instant lastHeard, Instant now) {
    return silentFor(lastHeard, now).compareTo(FORGOTTEN_AFTER) > 0;
  }

  synchronized void heard(WorkerHeartbeat heartbeat, Instant now) {
    Heard known = workers.get(heartbeat.getWorkerId());
    if (known != null && known.heartbeat().getEpoch() > heartbeat.getEpoch()) {
      return; // of an earlier process
    }
    Instant steadySince = known != null && known.steady(now) ? known.steadySince() : now;
    workers.put(heartbeat.getWorkerId(), new Heard(heartbeat, now, steadySince));
    if (missed.remove(heartbeat.getWorkerId())) {
      LOG.atWarn()
          .addKeyValue("worker_id", heartbeat.getWorkerId())
          .log("worker is heard again; its requests were re-dispatched");
    }
    strangers.remove(new WorkerProcess(heartbeat.getWorkerId(), heartbeat.getEpoch()));
    for (WorkerPool pool : heartbeat.getPools()) {
      pool(pool.getProvider(), pool.getPriority(), now);
    }
  }

  synchronized boolean lost(String workerId, long epoch, Instant now) {
    Heard known = workers.get(workerId);
    if (known == null || known.heartbeat().getEpoch() < epoch) {
      Instant since = strangers.computeIfAbsent(new WorkerProcess(workerId, epoch), absent -> now);
      return silentFor(since, now).compareTo(UNKNOWN_FOR) > 0;
    }
    return known.heartbeat().getEpoch() > epoch
        || known.heartbeat().getState() == WorkerState.STOPPED
        || missed(known, now);
  }

  private boolean missed(Heard worker, Instant now) {
    if (!silent(worker, now)) {
      return false;
    }
    String workerId = worker.heartbeat().getWorkerId();
    if (missed.add(workerId)) {
      LOG.atWarn()
          .addKeyValue("worker_id", workerId)
          .addKeyValue("silent_ms", Duration.between(worker.at(), now).toMillis())
          .log("worker has fallen silent; its requests are re-dispatched");
    }
    return true;
  }

  /** The number of known workers, dead ones included. */
  synchronized int workers() {
    return workers.size();
  }

  synchronized PoolState pool(String provider, Priority priority, Instant now) {
    Kind kind = kind(provider, priority, now);
    return pools.compute(
        new PoolKey(provider, priority),
        (key, known) -> known == null || known.kind() != kind ? new PoolState(kind, now) : known);
  }

  private Kind kind(String provider, Priority priority, Instant now) {
    long slots = 0;
    long free = 0;
    for (Heard worker : workers.values()) {
      if (worker.running() && !silent(worker, now)) {
        for (WorkerPool pool : worker.heartbeat().getPools()) {
          if (pool.getProvider().equals(provider) && pool.getPriority() == priority) {
            slots += pool.getSlots();
            free += pool.getFree();
          }
        }
      }
    }
    if (slots == 0) {
      return Kind.UNSERVED;
    }
    return 2 * free > slots ? Kind.IDLE : Kind.BUSY;
  }

  private boolean silent(Heard worker, Instant now) {
    Duration silent = silentFor(worker.at(), now);
    return silent.compareTo(silence) > 0
        || (silent.compareTo(silenceBesideOthers) > 0 && anotherIsHeard(worker, now));
  }

  /**
   * Whether another worker that serves the same pool has had steady heartbeats since this one's
   * last.
   */
  private boolean anotherIsHeard(Heard worker, Instant now) {
    return workers.values().stream()
        .filter(other -> other.steady(now) && !other.steadySince().isAfter(worker.at()))
        .anyMatch(other -> worker.heartbeat().getPools().stream().anyMatch(other::serves));
  }

  /** For how long no heartbeat came although it could have arrived. */
  private Duration silentFor(Instant lastHeard, Instant now) {
    boolean unreached = Duration.between(reachedAt, now).compareTo(UNREACHED_FOR) > 0;
    Instant from = lastHeard.isAfter(reachedSince) ? lastHeard : reachedSince;
    return unreached ? Duration.ZERO : Duration.between(from, now);
  }
}
