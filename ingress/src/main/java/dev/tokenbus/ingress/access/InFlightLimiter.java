package dev.tokenbus.ingress.access;

import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.ingress.protocol.ProblemException;
import dev.tokenbus.schemas.errors.ErrorCode;
import java.time.Duration;

/** Limits the requests in flight, and refuses all once it is closed. Thread-safe. */
public final class InFlightLimiter {
  private final int limit;
  private int inFlight;
  private boolean closed;

  public InFlightLimiter(int limit) {
    this.limit = limit;
  }

  /**
   * Admits a request; {@link #release} must follow.
   *
   * @throws ProblemException 429 if there are too many, 503 if the instance is being shut down
   */
  public synchronized void acquire() {
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

  public synchronized void release() {
    inFlight--;
    notifyAll();
  }

  public synchronized int inFlight() {
    return inFlight;
  }

  public synchronized boolean isClosed() {
    return closed;
  }

  /** Refuses every request from now on. */
  public synchronized void close() {
    closed = true;
  }

  /**
   * Waits until no request is in flight.
   *
   * @return false if some still are after the timeout
   */
  public synchronized boolean awaitIdle(Duration timeout) throws InterruptedException {
    long until = System.nanoTime() + timeout.toNanos();
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
