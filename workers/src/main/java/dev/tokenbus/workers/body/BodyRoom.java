package dev.tokenbus.workers.body;

import dev.tokenbus.schemas.errors.ErrorCode;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Room in the heap for large bodies, so that no number of them fills it. A body that is read and
 * written anew is there four times over, so few are at once; one that is on its way to the provider
 * is there once, until it is sent.
 *
 * <p>Thread-safe.
 */
public final class BodyRoom {
  /** Of the heap, what bodies on their way to providers may take. */
  private static final int PART_OF_HEAP = 8;

  private static final int PROCESSORS_PER_READER = 4;
  private static final int PERMIT_BYTES = 1024;

  private final InstantSource clock;
  private final int permits;
  private final Semaphore sending;
  private final Semaphore reading;

  /**
   * Makes the room.
   *
   * @param processors of this process; a body takes one for a tenth of a second, which small
   *     requests need too
   */
  public BodyRoom(long heapBytes, int processors, InstantSource clock) {
    this.clock = clock;
    reading = new Semaphore(Math.max(1, processors / PROCESSORS_PER_READER), true);
    long bytes = Math.max(2L * Topics.LARGE_RECORD_BYTES, heapBytes / PART_OF_HEAP);
    permits = (int) Math.min(Integer.MAX_VALUE, bytes / PERMIT_BYTES);
    sending = new Semaphore(permits, true);
  }

  /**
   * A share for a body of this size, which is not taken yet. Small bodies need none.
   *
   * @param deadline until when the body may wait for room
   */
  public Share share(long bytes, Instant deadline) {
    boolean large = bytes > Topics.INLINE_BODY_BYTES;
    return new Share(large ? (int) Math.min(permits, 1 + bytes / PERMIT_BYTES) : 0, deadline);
  }

  /** The room of one body. Thread-safe. */
  public final class Share {
    private final int size;
    private final Instant deadline;
    private boolean reads;
    private boolean sends;
    private boolean closed;

    private Share(int size, Instant deadline) {
      this.size = size;
      this.deadline = deadline;
    }

    /**
     * Waits until there is room to read the body.
     *
     * @throws BodyException if there was none before the deadline
     */
    public void await() throws BodyException {
      if (size == 0) {
        return;
      }
      acquire(sending, size);
      synchronized (this) {
        sends = true;
      }
      boolean taken = false;
      try {
        acquire(reading, 1);
        taken = true;
      } finally {
        if (!taken) {
          close();
        }
      }
      boolean unwanted;
      synchronized (this) {
        reads = true;
        unwanted = closed;
      }
      if (unwanted) {
        read();
        close();
      }
    }

    private void acquire(Semaphore room, int permitsTaken) throws BodyException {
      Duration left = Duration.between(clock.instant(), deadline);
      try {
        if (room.tryAcquire(permitsTaken, Math.max(0, left.toMillis()), TimeUnit.MILLISECONDS)) {
          return;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      throw new BodyException(
          ErrorCode.UNAVAILABLE, "Too many large requests are being sent", null);
    }

    /** The body has been read and written anew. */
    public void read() {
      boolean release;
      synchronized (this) {
        release = reads;
        reads = false;
      }
      if (release) {
        reading.release();
      }
    }

    /** The body is no longer in memory, or is not wanted any more. */
    public void close() {
      boolean release;
      synchronized (this) {
        closed = true;
        release = sends;
        sends = false;
      }
      if (release) {
        sending.release(size);
      }
    }
  }
}
