package dev.tokenbus.runtime.lifecycle;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports when a part becomes unhealthy and when it is healthy again.
 *
 * <p>One thread checks; {@link #close} may be called by any.
 */
public final class HealthMonitor implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HealthMonitor.class);

  /** A single failed check may only have met a rebalance. */
  private static final int FAILED_CHECKS_TO_REPORT = 3;

  private final List<RunningPart> parts;
  private final Progress progress;
  private final Map<String, Integer> failedChecks = new HashMap<>();
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("health").daemon().factory());

  HealthMonitor(List<RunningPart> parts, Progress progress) {
    this.parts = parts;
    this.progress = progress;
  }

  /** Checks every part once a second, on a thread of its own. */
  public static HealthMonitor start(List<RunningPart> parts, Progress progress) {
    HealthMonitor monitor = new HealthMonitor(parts, progress);
    ScheduledFuture<?> _ =
        monitor.thread.scheduleWithFixedDelay(monitor::check, 1, 1, TimeUnit.SECONDS);
    return monitor;
  }

  void check() {
    for (RunningPart part : parts) {
      boolean healthy = isHealthy(part);
      int before = failedChecks.getOrDefault(part.name(), 0);
      int now = healthy ? 0 : before + 1;
      failedChecks.put(part.name(), now);
      if (now == FAILED_CHECKS_TO_REPORT) {
        LOG.atError().addKeyValue("part", part.name()).log("part is not working");
        progress.say(part.name() + " is not working; the log says why");
      } else if (healthy && before >= FAILED_CHECKS_TO_REPORT) {
        LOG.atInfo().addKeyValue("part", part.name()).log("part is working again");
        progress.say(part.name() + " is working again");
      }
    }
  }

  private static boolean isHealthy(RunningPart part) {
    try {
      return part.healthy().getAsBoolean();
    } catch (RuntimeException e) {
      LOG.atWarn().setCause(e).addKeyValue("part", part.name()).log("health check failed");
      return false;
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
