package dev.tokenbus.runtime.requests;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Bounds the bytes of large records that one producer holds until the broker has acknowledged them,
 * so that they never fill its buffer, from which it also sends small records. A large record waits
 * for those before it.
 *
 * <p>Thread-safe.
 */
public final class BytesInFlight {
  private static final int PERMIT_BYTES = 1024;

  private final int permits;
  private final Semaphore room;

  /**
   * Creates the bound.
   *
   * @param most a larger record takes all of it
   */
  public BytesInFlight(int most) {
    permits = Math.max(1, most / PERMIT_BYTES);
    room = new Semaphore(permits, true);
  }

  /**
   * Takes room for a record; blocks while those before it take it.
   *
   * @param patience how long it may wait
   * @return gives the room back; to be run once, when the record is acknowledged or has failed
   * @throws TimeoutException if those before it took too long
   */
  public Runnable take(long bytes, Duration patience)
      throws InterruptedException, TimeoutException {
    int taken = (int) Math.min(permits, 1 + bytes / PERMIT_BYTES);
    if (!room.tryAcquire(taken, patience.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new TimeoutException("Too many large records are being written");
    }
    return () -> room.release(taken);
  }
}
