package dev.tokenbus.runtime.lifecycle;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The parts of this process, started in stages and stopped in reverse order.
 *
 * <p>Not thread-safe, but the list that {@link #snapshot} returns may be kept and read by other
 * threads.
 */
public final class RunningParts implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RunningParts.class);

  private static final Duration HEALTH_POLL = Duration.ofMillis(20);

  private final Progress progress;
  private final BooleanSupplier stopping;
  private final List<RunningPart> running = new ArrayList<>();
  private Duration stopLimit = Part.USUAL_STOP_LIMIT;

  /**
   * Starts nothing yet.
   *
   * @param stopping whether the start is to be given up; checked between stages
   */
  public RunningParts(Progress progress, BooleanSupplier stopping) {
    this.progress = progress;
    this.stopping = stopping;
  }

  /**
   * Starts the parts of a stage at the same time and returns when all of them run. {@link #close}
   * stops those that did start, even if another one failed.
   *
   * @throws StartStoppedException if the start is to be given up
   */
  public void start(List<Part> stage) {
    giveUpIfStopping();
    List<Future<RunningPart>> started = new ArrayList<>();
    try (ExecutorService threads =
        Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
      for (Part part : stage) {
        stopLimit = part.stopLimit().compareTo(stopLimit) > 0 ? part.stopLimit() : stopLimit;
        started.add(threads.submit(() -> timed(part)));
      }
    }
    collect(started);
  }

  /**
   * Call this between the steps of a start.
   *
   * @throws StartStoppedException if the start is to be given up
   */
  public void giveUpIfStopping() {
    if (stopping.getAsBoolean()) {
      throw new StartStoppedException();
    }
  }

  private RunningPart timed(Part part) {
    long start = System.nanoTime();
    RunningPart result = part.start().get();
    progress.done(part.name(), Duration.ofNanos(System.nanoTime() - start), result.detail());
    return result;
  }

  private void collect(List<Future<RunningPart>> started) {
    @Nullable RuntimeException failure = null;
    for (Future<RunningPart> future : started) {
      if (future.state() == Future.State.SUCCESS) {
        running.add(future.resultNow());
      } else {
        RuntimeException reason = asUnchecked(future.exceptionNow());
        if (failure == null) {
          failure = reason;
        } else {
          failure.addSuppressed(reason);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private static RuntimeException asUnchecked(Throwable thrown) {
    return thrown instanceof RuntimeException unchecked
        ? unchecked
        : new IllegalStateException("A part did not start: " + thrown, thrown);
  }

  /**
   * Returns when every part is healthy.
   *
   * @throws IllegalStateException if one is not healthy in time
   * @throws StartStoppedException if the start is to be given up
   */
  public void awaitHealthy(Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    for (RunningPart part : running) {
      while (!part.healthy().getAsBoolean()) {
        giveUpIfStopping();
        if (System.nanoTime() > deadline) {
          throw new IllegalStateException(
              part.name() + " was not ready in " + timeout.toSeconds() + " s; the log says why");
        }
        try {
          Thread.sleep(HEALTH_POLL);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new StartStoppedException();
        }
      }
    }
  }

  /** Adds a part that was started elsewhere. */
  public void adopt(RunningPart part) {
    running.add(part);
  }

  /** How long the part with the longest stop takes at most. */
  public Duration stopLimit() {
    return stopLimit;
  }

  /** The parts that run now, in the order of their start. */
  public List<RunningPart> snapshot() {
    return List.copyOf(running);
  }

  /**
   * Stops all parts in reverse order of their start. A part that fails to stop does not keep the
   * others from stopping.
   */
  @Override
  public void close() {
    for (RunningPart part : running.reversed()) {
      try {
        part.stop().run();
      } catch (RuntimeException e) {
        LOG.atError().setCause(e).addKeyValue("part", part.name()).log("part did not stop cleanly");
        progress.say("  " + part.name() + " did not stop cleanly: " + e);
      }
    }
    running.clear();
  }
}
