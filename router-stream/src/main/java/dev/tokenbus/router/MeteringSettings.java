package dev.tokenbus.router;

import dev.tokenbus.runtime.config.Addresses;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Duration;

/**
 * Settings of a {@link MeteringApp}.
 *
 * @param threads stream threads of this instance
 * @param commitInterval how often a transaction ends, and readers see what it wrote
 * @param retention for how long after a request's acceptance a repeat of its outcome is recognised
 */
public record MeteringSettings(int threads, Duration commitInterval, Duration retention) {

  /**
   * As long as the outcomes themselves are kept, so that nothing that can be read again is counted
   * again.
   */
  public static final MeteringSettings DEFAULT =
      new MeteringSettings(1, Duration.ofMillis(500), Topics.OUTCOMES.retention());

  public MeteringSettings {
    if (threads < 1) {
      throw new IllegalArgumentException("Metering needs at least one thread: " + threads);
    }
    if (!commitInterval.isPositive()) {
      throw new IllegalArgumentException("Commit interval must be positive: " + commitInterval);
    }
    if (retention.compareTo(Duration.ofMinutes(2)) < 0) {
      throw new IllegalArgumentException("Retention of ids is too short: " + retention);
    }
  }

  /**
   * Takes from the environment what is set there; the names are in the module's RATIONALE.
   *
   * @throws IllegalArgumentException if a value is not a number or makes no sense; the message
   *     names it
   */
  public static MeteringSettings from(Addresses addresses) {
    Environment environment = new Environment(addresses, "TOKENBUS_METERING_");
    return new MeteringSettings(
        environment.number("THREADS", DEFAULT.threads()),
        environment.millis("COMMIT_INTERVAL_MS", DEFAULT.commitInterval()),
        Duration.ofHours(
            environment.number("RETENTION_HOURS", (int) DEFAULT.retention().toHours())));
  }
}
