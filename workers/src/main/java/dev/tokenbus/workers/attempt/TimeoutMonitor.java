package dev.tokenbus.workers.attempt;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks the time-outs of all calls together, twenty times a second, which costs less than a timer
 * per call that every token would have to reset.
 *
 * <p>One thread.
 */
public final class TimeoutMonitor implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TimeoutMonitor.class);
  private static final Duration INTERVAL = Duration.ofMillis(50);

  private final RunningAttempts attempts;
  private final InstantSource clock;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;

  private TimeoutMonitor(RunningAttempts attempts, InstantSource clock) {
    this.attempts = attempts;
    this.clock = clock;
    thread = Thread.ofPlatform().name("timeout-monitor").daemon().unstarted(this::run);
  }

  public static TimeoutMonitor start(RunningAttempts attempts, InstantSource clock) {
    TimeoutMonitor monitor = new TimeoutMonitor(attempts, clock);
    monitor.thread.start();
    return monitor;
  }

  private void run() {
    try {
      while (!closed.await(INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
        try {
          attempts.check(clock.instant());
        } catch (RuntimeException e) {
          LOG.atError().setCause(e).log("time-outs could not be checked");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed.countDown();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
