package dev.tokenbus.workers;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches over the time-outs of all calls at once. A look at every running call twenty times a
 * second costs less than a timer that each token would have to set back.
 *
 * <p>One thread.
 */
final class CallWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CallWatch.class);
  private static final Duration INTERVAL = Duration.ofMillis(50);

  private final RunningAttempts attempts;
  private final InstantSource clock;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;

  private CallWatch(RunningAttempts attempts, InstantSource clock) {
    this.attempts = attempts;
    this.clock = clock;
    thread = Thread.ofPlatform().name("call-watch").daemon().unstarted(this::run);
  }

  static CallWatch start(RunningAttempts attempts, InstantSource clock) {
    CallWatch watch = new CallWatch(attempts, clock);
    watch.thread.start();
    return watch;
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
