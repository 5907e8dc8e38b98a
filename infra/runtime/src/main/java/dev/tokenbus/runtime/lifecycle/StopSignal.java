package dev.tokenbus.runtime.lifecycle;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Tells a {@code main} that its process was asked to end (Ctrl-C, SIGTERM), and delays the end
 * until the main has closed this, but no longer than a limit.
 *
 * <p>Thread-safe.
 */
public final class StopSignal implements AutoCloseable {
  private final CountDownLatch requested = new CountDownLatch(1);
  private final CountDownLatch finished = new CountDownLatch(1);
  private volatile Duration limit;

  StopSignal(Duration limit) {
    this.limit = limit;
  }

  /**
   * Installs the shutdown hook; a process does so once.
   *
   * @param limit after which the process ends even if something is still open
   */
  public static StopSignal install(Duration limit) {
    StopSignal signal = new StopSignal(limit);
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("stop").unstarted(signal::hold));
    return signal;
  }

  /**
   * Replaces the limit, for a process that learns only from its settings how long its stop takes.
   */
  public void limit(Duration newLimit) {
    limit = newLimit;
  }

  /** Requests the end, and returns when everything is closed or the limit has passed. */
  void hold() {
    requested.countDown();
    try {
      if (!finished.await(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        System.err.println(
            "tokenbus: not everything stopped in " + limit.toSeconds() + " s; ending all the same");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether the process was asked to end. */
  public boolean received() {
    return requested.getCount() == 0;
  }

  /** Waits until the process is asked to end. */
  public void await() throws InterruptedException {
    requested.await();
  }

  /** Says that everything is closed and the process may end. */
  @Override
  public void close() {
    finished.countDown();
  }
}
