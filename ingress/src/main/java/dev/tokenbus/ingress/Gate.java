package dev.tokenbus.ingress;

import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.ingress.protocol.ProblemException;
import dev.tokenbus.schemas.errors.ErrorCode;
import java.time.Duration;

/**
 * Counts the requests in flight, lets no more in than the limit, and none once it is closed.
 * Thread-safe.
 */
final class Gate {
  private final int limit;
  private int inFlight;
  private boolean closed;

  Gate(int limit) {
    this.limit = limit;
  }

  /**
   * Lets a request in; {@link #leave} must follow.
   *
   * @throws ProblemException 429 if there are too many, 503 if the instance is being shut down
   */
  synchronized void enter() {
    if (closed) {
      throw new ProblemException(
          Problem.of(ErrorCode.UNAVAILABLE, "This instance is shutting down. Try again.")
              .retryAfter(Duration.ofSeconds(1)));
    }
    if (inFlight >= limit) {
      throw new ProblemException(
          Problem.of(
                  ErrorCode.RATE_LIMIT_EXCEEDED,
                  "This instance runs " + limit + " requests already, its limit. Try again later.")
              .retryAfter(Duration.ofSeconds(1)));
    }
    inFlight++;
  }

  synchronized void leave() {
    inFlight--;
    notifyAll();
  }

  synchronized int inFlight() {
    return inFlight;
  }

  synchronized boolean isClosed() {
    return closed;
  }

  /** Lets nobody in any more. */
  synchronized void close() {
    closed = true;
  }

  /**
   * Waits until all have left.
   *
   * @return whether they have
   */
  synchronized boolean awaitEmpty(Duration patience) throws InterruptedException {
    long until = System.nanoTime() + patience.toNanos();
    while (inFlight > 0) {
      long left = (until - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        return false;
      }
      wait(left);
    }
    return true;
  }
}
