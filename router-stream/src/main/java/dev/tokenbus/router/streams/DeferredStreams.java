package dev.tokenbus.router.streams;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Kafka Streams application that starts when something else is done, on a thread of its own.
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
  private final Supplier<StreamsRun> start;
  private final Thread thread;
  private volatile @Nullable StreamsRun streams;

  private DeferredStreams(Condition condition, Supplier<StreamsRun> start) {
    this.condition = condition;
    this.start = start;
    thread = Thread.ofPlatform().name("router-start").daemon().unstarted(this::run);
  }

  /** Returns at once. */
  public static DeferredStreams start(Condition condition, Supplier<StreamsRun> start) {
    DeferredStreams deferred = new DeferredStreams(condition, start);
    deferred.thread.start();
    return deferred;
  }

  private void run() {
    try {
      condition.await();
      streams = start.get();
    } catch (InterruptedException e) {
      LOG.atDebug().log("closed before the start");
    } catch (RuntimeException e) {
      LOG.atError().setCause(e).log("application does not start");
    }
  }

  /** Whether the application has started and has its tasks. */
  public boolean ready() {
    StreamsRun started = streams;
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
    StreamsRun started = streams;
    if (started != null) {
      started.close();
    }
  }
}
