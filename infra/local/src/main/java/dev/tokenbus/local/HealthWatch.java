package dev.tokenbus.local;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells when a part stops doing its work, and when it does it again. */
final class HealthWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HealthWatch.class);

  /**
   * A part that is unhealthy for so many looks in a row is reported; one look may meet a rebalance.
   */
  private static final int PATIENCE = 3;

  private final List<RunningPart> parts;
  private final Progress progress;
  private final Map<String, Integer> unhealthyLooks = new HashMap<>();
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("health").daemon().factory());

  HealthWatch(List<RunningPart> parts, Progress progress) {
    this.parts = parts;
    this.progress = progress;
  }

  static HealthWatch start(List<RunningPart> parts, Progress progress) {
    HealthWatch watch = new HealthWatch(parts, progress);
    ScheduledFuture<?> _ = watch.thread.scheduleWithFixedDelay(watch::look, 1, 1, TimeUnit.SECONDS);
    return watch;
  }

  void look() {
    for (RunningPart part : parts) {
      boolean healthy = isHealthy(part);
      int before = unhealthyLooks.getOrDefault(part.name(), 0);
      int now = healthy ? 0 : before + 1;
      unhealthyLooks.put(part.name(), now);
      if (now == PATIENCE) {
        LOG.atError().addKeyValue("part", part.name()).log("part is not working");
        progress.say(part.name() + " is not working; the log says why");
      } else if (healthy && before >= PATIENCE) {
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
