package dev.tokenbus.workers.attempt;

import dev.tokenbus.schemas.avro.Cancel;
import dev.tokenbus.schemas.avro.CancelAll;
import dev.tokenbus.schemas.avro.CancelReason;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The attempts that this worker runs, from their dispatch until their end has been reported. It
 * also remembers for some minutes which attempts it ran and which requests were cancelled, since
 * dispatches and cancels may arrive twice, late and in any order.
 *
 * <p>Thread-safe.
 */
public final class RunningAttempts {
  private static final Duration MEMORY = Duration.ofMinutes(10);
  private static final int MOST_REMEMBERED = 100_000;

  private final Map<String, AttemptRun> running = new ConcurrentHashMap<>();
  private final ExpiringMap<String, Boolean> ran;
  private final ExpiringMap<String, Cancels> cancels;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition ended = lock.newCondition();

  public RunningAttempts(InstantSource clock) {
    ran = new ExpiringMap<>(clock, MEMORY, MOST_REMEMBERED);
    cancels = new ExpiringMap<>(clock, MEMORY, MOST_REMEMBERED);
  }

  /** Whether this attempt was dispatched to this worker before. */
  boolean knows(AttemptSpec spec) {
    return running.containsKey(spec.attemptKey()) || ran.get(spec.attemptKey()).isPresent();
  }

  /** Takes note of an attempt that begins; it is forgotten when its end has been reported. */
  void add(AttemptRun attempt) {
    String key = attempt.spec().attemptKey();
    running.put(key, attempt);
    ran.put(key, true);
    CompletableFuture<Void> _ =
        attempt
            .reported()
            .whenComplete((_, _) -> {
              running.remove(key, attempt);
              signal();
            });
  }

  /** The reason for which the attempt must not run, if it was cancelled before it began. */
  Optional<CancelReason> cancelled(AttemptSpec spec) {
    return cancels
        .get(spec.requestId().toString())
        .flatMap(known -> known.reason(spec.attempt(), spec.claim()));
  }

  /** Cancels the runs that the command names, also those that are dispatched later. */
  void cancel(String requestId, Cancel cancel) {
    Cancels known = cancels.merge(requestId, Cancels.NONE, cancels -> cancels.with(cancel));
    for (AttemptRun run : running.values()) {
      AttemptSpec spec = run.spec();
      if (spec.requestId().toString().equals(requestId)) {
        known.reason(spec.attempt(), spec.claim()).ifPresent(run::cancel);
      }
    }
  }

  /**
   * Cancels the running attempts of a tenant or key that were accepted before an instant. Scopes
   * that a dispatch does not name are left to the router, which cancels request by request.
   *
   * @param tenant whose key is meant; empty for that of every tenant
   */
  void cancelAll(CancelAll command, String tenant, Instant before) {
    for (AttemptRun run : running.values()) {
      AttemptSpec spec = run.spec();
      boolean meant =
          switch (command.getScope()) {
            case "tenant" -> spec.tenant().equals(command.getName());
            case "key" ->
                spec.keyId().equals(command.getName())
                    && (tenant.isEmpty() || spec.tenant().equals(tenant));
            default -> false;
          };
      if (meant && spec.requestId().acceptedAt().isBefore(before)) {
        run.cancel(command.getReason());
      }
    }
  }

  /** Ends the attempts whose time is up. */
  void check(Instant now) {
    running.values().forEach(attempt -> attempt.check(now));
  }

  /**
   * Waits until every end has been reported.
   *
   * @return false if that took longer than allowed
   */
  public boolean awaitNone(Duration limit) throws InterruptedException {
    long left = limit.toNanos();
    lock.lockInterruptibly();
    try {
      while (!running.isEmpty()) {
        if (left <= 0) {
          return false;
        }
        // Bounded, so that a signal lost between the check and the wait costs a moment only.
        long slice = Math.min(left, TimeUnit.MILLISECONDS.toNanos(50));
        left -= slice - ended.awaitNanos(slice);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Ends all runs so that other workers take them over. */
  public void handOver() {
    running.values().forEach(AttemptRun::handOver);
  }

  /** Ends the runs that other workers can take over without breaking a stream. */
  public void handOverContinuable() {
    running.values().stream().filter(AttemptRun::continuable).forEach(AttemptRun::handOver);
  }

  public int size() {
    return running.size();
  }

  private void signal() {
    lock.lock();
    try {
      ended.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
