package dev.tokenbus.chaos;

import java.nio.file.Path;
import java.time.Duration;

/**
 * What a chaos run does.
 *
 * @param length of load and faults; starting and settling take extra time
 * @param seed the same seed draws the same faults at the same times
 * @param scenario what happens meanwhile
 * @param clients that have one request open each
 * @param home where everything is kept; empty or missing
 */
public record ChaosPlan(
    Duration length, long seed, ChaosScenario scenario, int clients, Path home) {
  public ChaosPlan {
    home = home.toAbsolutePath().normalize();
    if (length.isNegative() || length.isZero()) {
      throw new IllegalArgumentException("A run takes some time, not " + length);
    }
    if (clients < 1 || clients > 1_000) {
      throw new IllegalArgumentException("Between 1 and 1000 clients can be run, not " + clients);
    }
  }
}
