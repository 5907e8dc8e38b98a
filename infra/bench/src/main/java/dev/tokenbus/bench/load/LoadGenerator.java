package dev.tokenbus.bench.load;

import dev.tokenbus.bench.http.EventLoop;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * Puts load on a server with one thread, checks every answer and measures what its clients feel.
 */
public final class LoadGenerator {
  private LoadGenerator() {}

  /**
   * Runs two plans at the same time. The first is measured for as long as the second runs, after
   * its own warm-up; the second begins when that is over.
   *
   * @throws InterruptedException when the caller is interrupted; the load stops
   */
  public static Pair runBeside(LoadPlan steady, LoadPlan batch) throws InterruptedException {
    try (EventLoop loop = EventLoop.start("load-generator-steady")) {
      LoadRun run = new LoadRun(steady, loop);
      CompletableFuture<LoadResult> result = run.start();
      try {
        Thread.sleep(steady.warmUp());
        LoadResult other = run(batch);
        run.endNow();
        return new Pair(result.get(), other);
      } finally {
        result.cancel(false);
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("the load generator failed", e.getCause());
    }
  }

  /** What the two plans of {@link #runBeside} saw. */
  public record Pair(LoadResult steady, LoadResult batch) {}

  /**
   * Runs the plan to its end: until the measured time is over and every request has ended or timed
   * out. A server that fails or lies does not make it throw; the result says so.
   *
   * @throws InterruptedException when the caller is interrupted; the load stops
   */
  public static LoadResult run(LoadPlan plan) throws InterruptedException {
    try (EventLoop loop = EventLoop.start("load-generator")) {
      CompletableFuture<LoadResult> result = new LoadRun(plan, loop).start();
      try {
        return result.get();
      } finally {
        result.cancel(false); // where the caller was interrupted: the pacer stops
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("the load generator failed", e.getCause());
    }
  }
}
