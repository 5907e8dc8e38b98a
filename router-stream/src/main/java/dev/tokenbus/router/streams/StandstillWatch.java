package dev.tokenbus.router.streams;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * Tells whether this process stood still: suspended, or in a pause of its virtual machine. The
 * group may have given its tasks to others meanwhile, and its stream threads do not know that yet.
 *
 * <p>Thread-safe.
 */
public final class StandstillWatch implements AutoCloseable {
  /** Shorter than the sessions of groups, the shortest of which is 6 s. */
  private static final Duration LIMIT = Duration.ofSeconds(4);

  private static final Duration TICK = Duration.ofMillis(100);

  private final LongSupplier nanoTime;
  private final Thread thread;
  private volatile long lastTick;
  private volatile int counted;
  private volatile boolean closed;

  StandstillWatch(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    lastTick = nanoTime.getAsLong();
    thread = Thread.ofPlatform().name("router-standstill").daemon().unstarted(this::run);
  }

  /** Starts the thread that watches. */
  public static StandstillWatch start() {
    StandstillWatch watch = new StandstillWatch(System::nanoTime);
    watch.thread.start();
    return watch;
  }

  /** How often the process stood still. Never waits. */
  public int count() {
    // Whoever asks may be awake before the thread that counts.
    return stoodStill() ? counted + 1 : counted;
  }

  private boolean stoodStill() {
    return nanoTime.getAsLong() - lastTick > LIMIT.toNanos();
  }

  private void run() {
    while (!closed) {
      LockSupport.parkNanos(TICK.toNanos());
      tick();
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
  void tick() {
    if (stoodStill()) {
      counted++;
    }
    lastTick = nanoTime.getAsLong();
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }
}
