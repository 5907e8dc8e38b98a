package dev.tokenbus.runtime;

import dev.tokenbus.runtime.config.Addresses;
import dev.tokenbus.runtime.lifecycle.HealthMonitor;
import dev.tokenbus.runtime.lifecycle.Part;
import dev.tokenbus.runtime.lifecycle.Progress;
import dev.tokenbus.runtime.lifecycle.RunningPart;
import dev.tokenbus.runtime.lifecycle.RunningParts;
import dev.tokenbus.runtime.lifecycle.StopSignal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * One instance of an app as the only thing in its process: an {@link AppContext} and the app's
 * parts over it.
 *
 * <p>Not thread-safe: one thread starts and closes it.
 */
public final class AppProcess implements AutoCloseable {
  private static final Duration READY_TIMEOUT = Duration.ofMinutes(2);

  private final RunningParts parts;
  private final HealthMonitor health;

  private AppProcess(RunningParts parts, HealthMonitor health) {
    this.parts = parts;
    this.health = health;
  }

  /**
   * Opens the context, starts the parts, and returns when all of them are ready.
   *
   * @param stateDirectory for what the app keeps on disk and can rebuild from topics
   * @param app the app's parts; they start at the same time and stop in reverse order
   * @param stopping whether the start is to be given up; checked between steps
   * @throws IllegalStateException if an address is missing, the broker does not answer, or a part
   *     is not ready in time
   * @throws dev.tokenbus.runtime.lifecycle.StartStoppedException if the start was given up
   */
  public static AppProcess start(
      Addresses addresses,
      Path stateDirectory,
      Function<AppContext, List<Part>> app,
      Progress progress,
      BooleanSupplier stopping) {
    RunningParts parts = new RunningParts(progress, stopping);
    try {
      AppContext context = AppContext.open(addresses, stateDirectory);
      parts.adopt(new RunningPart("context", "", () -> true, context::close));
      parts.start(app.apply(context));
      parts.awaitHealthy(READY_TIMEOUT);
      return new AppProcess(parts, HealthMonitor.start(parts.snapshot(), progress));
    } catch (RuntimeException e) {
      parts.close();
      throw e;
    }
  }

  /**
   * Starts the app, says a line that begins with {@code ready}, waits for SIGTERM and stops the app
   * again. A process calls this once.
   *
   * @param name of the app, for people
   */
  public static void runUntilStopped(
      String name,
      Addresses addresses,
      Path stateDirectory,
      Function<AppContext, List<Part>> app,
      Progress progress)
      throws InterruptedException {
    try (StopSignal signal = StopSignal.install(Part.USUAL_STOP_LIMIT);
        AppProcess process = start(addresses, stateDirectory, app, progress, signal::received)) {
      signal.limit(process.parts.stopLimit());
      progress.say("ready " + name + process.details());
      signal.await();
      progress.say("stopping " + name);
    }
  }

  /** What the parts say of themselves, such as the URL of an ingress. */
  private String details() {
    return parts.snapshot().stream()
        .map(RunningPart::detail)
        .filter(detail -> !detail.isEmpty())
        .map(detail -> " " + detail)
        .collect(Collectors.joining());
  }

  /** Stops the parts in reverse order, then closes the context. */
  @Override
  public void close() {
    health.close();
    parts.close();
  }
}
