package dev.tokenbus.router.streams;

import dev.tokenbus.runtime.kafka.Backoff;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Kafka Streams application that starts when something else is done, on a thread of its own. A
 * start that fails is tried again with a back-off of 0.1 s to 5 s, from the condition on; meanwhile
 * {@link #ready} says no.
 *
 * <p>Thread-safe.
 */
public final class DeferredStreams implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DeferredStreams.class);

  /** What must be done before the start. */
  @FunctionalInterface
  public interface Condition {
    /** Returns when the application may start. */
    void await() throws InterruptedException;
  }

  private final Condition condition;
  private final Supplier<? extends RunningStreams> start;
  private final Backoff backoff;
  private final Thread thread;
  private volatile @Nullable RunningStreams streams;

  private DeferredStreams(
      Condition condition, Supplier<? extends RunningStreams> start, Backoff backoff) {
    this.condition = condition;
    this.start = start;
    this.backoff = backoff;
    thread = Thread.ofPlatform().name("router-start").daemon().unstarted(this::run);
  }

  /** Returns at once. */
  public static DeferredStreams start(Condition condition, Supplier<StreamsRun> start) {
    return start(condition, start, Backoff.STANDARD);
  }

  static DeferredStreams start(
      Condition condition, Supplier<? extends RunningStreams> start, Backoff backoff) {
    DeferredStreams deferred = new DeferredStreams(condition, start, backoff);
    deferred.thread.start();
    return deferred;
  }

  private void run() {
    try {
      for (int failures = 1; streams == null; failures++) {
        try {
          condition.await();
          streams = start.get();
        } catch (RuntimeException e) {
          LOG.atError()
              .setCause(e)
              .addKeyValue("failures", failures)
              .log("application does not start; trying again");
          Thread.sleep(backoff.after(failures));
        }
      }
    } catch (InterruptedException e) {
      LOG.atDebug().log("closed before the start");
    }
  }

  /** Whether the application has started and has its tasks. */
  public boolean ready() {
    RunningStreams started = streams;
    return started != null && started.ready();
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    RunningStreams started = streams;
    if (started != null) {
      started.close();
    }
  }
}
