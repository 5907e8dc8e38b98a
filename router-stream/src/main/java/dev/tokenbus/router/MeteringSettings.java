package dev.tokenbus.router;

import dev.tokenbus.runtime.config.Addresses;
import dev.tokenbus.runtime.config.Settings;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Duration;

/**
 * Settings of a {@link MeteringApp}.
 *
 * @param threads stream threads of this instance
 * @param commitInterval how often a transaction is committed, after which readers see its records
 * @param retention how long after a request's acceptance a repeat of its outcome is recognised
 */
public record MeteringSettings(int threads, Duration commitInterval, Duration retention) {

  /**
   * The ids are kept as long as the outcomes themselves, so that no outcome that can be read again
   * is counted again.
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
   * Reads the settings that the environment has; their names are in the module's RATIONALE.
   *
   * @throws IllegalArgumentException if a value is not a number or out of range; the message names
   *     it
   */
  public static MeteringSettings from(Addresses addresses) {
    Settings environment = new Settings(addresses, "TOKENBUS_METERING_");
    return new MeteringSettings(
        environment.number("THREADS", DEFAULT.threads()),
        environment.millis("COMMIT_INTERVAL_MS", DEFAULT.commitInterval()),
        Duration.ofHours(
            environment.number("RETENTION_HOURS", (int) DEFAULT.retention().toHours())));
  }
}
