package dev.tokenbus.workers;

import dev.tokenbus.schemas.avro.Cancel;
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
 * The attempts this worker runs, from their dispatch until their end has been reported; and for a
 * while the ones it ran and the requests it was told to stop, since dispatches and orders may come
 * twice, late and in any order.
 *
 * <p>Thread-safe.
 */
final class RunningAttempts {
  private static final Duration MEMORY = Duration.ofMinutes(10);
  private static final int MOST_REMEMBERED = 100_000;

  private final Map<String, Attempt> running = new ConcurrentHashMap<>();
  private final ExpiringMap<String, Boolean> ran;
  private final ExpiringMap<String, Cancel> cancels;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition ended = lock.newCondition();

  RunningAttempts(InstantSource clock) {
    ran = new ExpiringMap<>(clock, MEMORY, MOST_REMEMBERED);
    cancels = new ExpiringMap<>(clock, MEMORY, MOST_REMEMBERED);
  }

  /** Whether this attempt was dispatched to this worker before. */
  boolean knows(Ticket ticket) {
    return running.containsKey(ticket.attemptKey()) || ran.get(ticket.attemptKey()).isPresent();
  }

  /** Takes note of an attempt that begins; it is forgotten when its end has been reported. */
  void add(Attempt attempt) {
    String key = attempt.ticket().attemptKey();
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

  /** Why the attempt must not run, if it was stopped before it began. */
  Optional<CancelReason> cancelled(Ticket ticket) {
    return cancels
        .get(ticket.requestId().toString())
        .filter(cancel -> concerns(cancel, ticket))
        .map(Cancel::getReason);
  }

  /** Stops what the order names, now and when it is dispatched later. */
  void cancel(String requestId, Cancel cancel) {
    cancels.put(requestId, cancel);
    for (Attempt attempt : running.values()) {
      if (attempt.ticket().requestId().toString().equals(requestId)
          && concerns(cancel, attempt.ticket())) {
        attempt.cancel(cancel.getReason());
      }
    }
  }

  private static boolean concerns(Cancel cancel, Ticket ticket) {
    Long except = cancel.getExcept();
    return ticket.attempt() <= cancel.getUpToAttempt()
        && (except == null || except != ticket.claim());
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
  boolean awaitNone(Duration limit) throws InterruptedException {
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
  void handOver() {
    running.values().forEach(Attempt::handOver);
  }

  int size() {
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
