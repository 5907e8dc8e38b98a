package dev.tokenbus.ingress.http;

import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.ingress.protocol.ProblemException;
import dev.tokenbus.schemas.errors.ErrorCode;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The part of the heap that bodies of some size may take. Those that find no room wait for it in
 * the order in which they came; too many do not wait at all.
 *
 * <p>Thread-safe; blocks the request's own thread.
 */
final class ReceiptRoom {
  private static final int PERMIT_BYTES = 1024;

  private final int permits;
  private final int mostWaiting;
  private final Duration patience;
  private final Semaphore free;
  private final AtomicInteger waiting = new AtomicInteger();

  /**
   * Creates an empty room.
   *
   * @param bytes the size of the room; a larger body takes all of it
   * @param mostWaiting how many bodies may wait at once
   * @param patience how long a body may wait
   */
  ReceiptRoom(long bytes, int mostWaiting, Duration patience) {
    this.mostWaiting = mostWaiting;
    this.patience = patience;
    permits = (int) Math.min(Integer.MAX_VALUE, Math.max(1, bytes / PERMIT_BYTES));
    free = new Semaphore(permits, true);
  }

  /**
   * Takes room for a body, and waits for it.
   *
   * @return gives the room back; to be run once
   * @throws ProblemException 503 if too many wait, or it took too long
   */
  Runnable take(int bytes) throws InterruptedException {
    int taken = Math.min(permits, 1 + bytes / PERMIT_BYTES);
    if (!tryTake(taken)) {
      throw new ProblemException(
          Problem.of(ErrorCode.UNAVAILABLE, "Too many large requests are being read. Try again.")
              .retryAfter(Duration.ofSeconds(1)));
    }
    return () -> free.release(taken);
  }

  private boolean tryTake(int taken) throws InterruptedException {
    if (free.tryAcquire(taken, 0, TimeUnit.NANOSECONDS)) {
      return true;
    }
    try {
      return waiting.incrementAndGet() <= mostWaiting
          && free.tryAcquire(taken, patience.toMillis(), TimeUnit.MILLISECONDS);
    } finally {
      waiting.decrementAndGet();
    }
  }

  int waiting() {
    return waiting.get();
  }
}
