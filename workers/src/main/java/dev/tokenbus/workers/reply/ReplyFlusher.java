package dev.tokenbus.workers.reply;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Flushes all reply writers that have gathered output together, every few milliseconds, so that the
 * producer puts hundreds of streams into one request. Where so many streams are open that a record
 * for each of them at every flush would take most of a machine, it flushes less often, and records
 * hold more. The thread sleeps while nothing is gathered.
 *
 * <p>One thread; {@link #flushSoon} may be called from any.
 */
public final class ReplyFlusher implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ReplyFlusher.class);

  /**
   * What a record costs all who handle it, from its encoding to the write to the client's socket.
   */
  private static final long NANOS_PER_RECORD = 60_000;

  /** Times the interval: a client still sees text flow. */
  private static final int LONGEST_INTERVAL = 3;

  private final long intervalNanos;
  private final Queue<ReplyWriter> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean asleep = new AtomicBoolean();
  private final Thread thread;
  private volatile boolean closed;

  private ReplyFlusher(Duration interval) {
    intervalNanos = interval.toNanos();
    thread = Thread.ofPlatform().name("reply-flusher").daemon().unstarted(this::run);
  }

  /**
   * Starts the flusher's thread.
   *
   * @param interval zero to gather nothing
   */
  public static ReplyFlusher start(Duration interval) {
    ReplyFlusher flusher = new ReplyFlusher(interval);
    flusher.thread.start();
    return flusher;
  }

  boolean gathers() {
    return intervalNanos > 0;
  }

  void flushSoon(ReplyWriter writer) {
    waiting.add(writer);
    if (asleep.get() && asleep.compareAndSet(true, false)) {
      LockSupport.unpark(thread);
    }
  }

  private void run() {
    int flushed = 0;
    while (!closed) {
      asleep.set(true);
      if (waiting.isEmpty() && !closed) {
        LockSupport.park(this);
      }
      asleep.set(false);
      LockSupport.parkNanos(this, pauseNanos(intervalNanos, flushed));
      flushed = flushAll();
    }
    flushAll();
  }

  /** The time until the next flush, after one of this many streams. */
  static long pauseNanos(long intervalNanos, int flushed) {
    return Math.clamp(flushed * NANOS_PER_RECORD, intervalNanos, LONGEST_INTERVAL * intervalNanos);
  }

  /** Returns the number of streams that were flushed. */
  private int flushAll() {
    // Streams that are added meanwhile belong to the next flush.
    int waits = waiting.size();
    for (int flushed = 0; flushed < waits; flushed++) {
      ReplyWriter writer = waiting.poll();
      if (writer == null) {
        return flushed;
      }
      try {
        writer.flush();
      } catch (RuntimeException e) {
        LOG.atError().setCause(e).log("a reply writer could not be flushed");
      }
    }
    return waits;
  }

  /** Flushes what waits, and ends. */
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
