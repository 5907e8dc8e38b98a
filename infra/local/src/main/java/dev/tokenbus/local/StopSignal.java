package dev.tokenbus.local;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Tells a {@code main} that its process shall end (Ctrl-C, SIGTERM) and holds the end up until the
 * main has closed this, but no longer than a limit.
 */
public final class StopSignal implements AutoCloseable {
  private final CountDownLatch told = new CountDownLatch(1);
  private final CountDownLatch finished = new CountDownLatch(1);

  private StopSignal() {}

  /**
   * Begins to listen; a process does so once.
   *
   * @param limit after which the process ends whatever is still open
   */
  public static StopSignal install(Duration limit) {
    StopSignal signal = new StopSignal();
    Runtime.getRuntime()
        .addShutdownHook(Thread.ofPlatform().name("stop").unstarted(() -> signal.hold(limit)));
    return signal;
  }

  private void hold(Duration limit) {
    told.countDown();
    try {
      if (!finished.await(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        System.err.println(
            "tokenbus: not everything stopped in " + limit.toSeconds() + " s; ending all the same");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether the process shall end. */
  public boolean isTold() {
    return told.getCount() == 0;
  }

  /** Waits until the process shall end. */
  public void await() throws InterruptedException {
    told.await();
  }

  /** Everything is closed: the process may end. */
  @Override
  public void close() {
    finished.countDown();
  }
}
