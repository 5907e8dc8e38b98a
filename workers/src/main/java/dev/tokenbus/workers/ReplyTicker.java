package dev.tokenbus.workers;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Flushes all streams that have gathered output, together, every few milliseconds, so that the
 * producer puts hundreds of streams into one request. Sleeps while there is nothing to flush.
 *
 * <p>One thread; {@link #flushSoon} may be called from any.
 */
final class ReplyTicker implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ReplyTicker.class);

  private final long intervalNanos;
  private final Queue<ReplyStream> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean asleep = new AtomicBoolean();
  private final Thread thread;
  private volatile boolean closed;

  private ReplyTicker(Duration interval) {
    intervalNanos = interval.toNanos();
    thread = Thread.ofPlatform().name("reply-ticker").daemon().unstarted(this::run);
  }

  /**
   * Starts the ticker's thread.
   *
   * @param interval zero to gather nothing
   */
  static ReplyTicker start(Duration interval) {
    ReplyTicker ticker = new ReplyTicker(interval);
    ticker.thread.start();
    return ticker;
  }

  boolean gathers() {
    return intervalNanos > 0;
  }

  void flushSoon(ReplyStream stream) {
    waiting.add(stream);
    if (asleep.get() && asleep.compareAndSet(true, false)) {
      LockSupport.unpark(thread);
    }
  }

  private void run() {
    while (!closed) {
      asleep.set(true);
      if (waiting.isEmpty() && !closed) {
        LockSupport.park(this);
      }
      asleep.set(false);
      LockSupport.parkNanos(this, intervalNanos);
      tick();
    }
    tick();
  }

  private void tick() {
    // Streams that come in meanwhile are for the next tick.
    for (int left = waiting.size(); left > 0; left--) {
      ReplyStream stream = waiting.poll();
      if (stream == null) {
        return;
      }
      try {
        stream.flush();
      } catch (RuntimeException e) {
        LOG.atError().setCause(e).log("a reply stream could not be flushed");
      }
    }
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
