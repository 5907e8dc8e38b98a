package dev.tokenbus.local;

import dev.tokenbus.runtime.AppContext;
import dev.tokenbus.runtime.config.Addresses;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * One instance of one app as the only thing in this process.
 *
 * <p>Not thread-safe: one thread starts and closes it.
 */
public final class AppProcess implements AutoCloseable {
  private static final Duration READY_TIMEOUT = Duration.ofMinutes(2);

  private final RunningParts parts;
  private final HealthWatch health;

  private AppProcess(RunningParts parts, HealthWatch health) {
    this.parts = parts;
    this.health = health;
  }

  /** An ingress at the port of 127.0.0.1; 0 leaves the port to the environment. */
  public static AppProcess ingress(
      Addresses addresses, Home home, int port, Progress progress, BooleanSupplier stopping) {
    return start(
        addresses,
        home,
        context -> List.of(Apps.ingress(context, settings -> settings.withPort(port))),
        progress,
        stopping);
  }

  /** A router with its metering. */
  public static AppProcess router(
      Addresses addresses, Home home, Progress progress, BooleanSupplier stopping) {
    return start(
        addresses,
        home,
        context -> List.of(Apps.metering(context), Apps.router(context)),
        progress,
        stopping);
  }

  /** A worker. */
  public static AppProcess worker(
      Addresses addresses, Home home, Progress progress, BooleanSupplier stopping) {
    return start(addresses, home, context -> List.of(Apps.worker(context)), progress, stopping);
  }

  /** A projection. */
  public static AppProcess projections(
      Addresses addresses, Home home, Progress progress, BooleanSupplier stopping) {
    return start(
        addresses, home, context -> List.of(Apps.projections(context)), progress, stopping);
  }

  private static AppProcess start(
      Addresses addresses,
      Home home,
      Function<AppContext, List<Part>> apps,
      Progress progress,
      BooleanSupplier stopping) {
    RunningParts parts = new RunningParts(progress, stopping);
    try {
      AppContext context = AppContext.open(addresses, home.stateDirectory());
      parts.adopt(new RunningPart("context", "", () -> true, context::close));
      parts.start(apps.apply(context));
      parts.awaitHealthy(READY_TIMEOUT);
      return new AppProcess(parts, HealthWatch.start(parts.snapshot(), progress));
    } catch (RuntimeException e) {
      parts.close();
      throw e;
    }
  }

  @Override
  public void close() {
    health.close();
    parts.close();
  }
}
