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
