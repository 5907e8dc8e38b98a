package dev.tokenbus.local.chaos;

import java.nio.file.Path;
import java.time.Duration;

/**
 * What a run of the killing machine does.
 *
 * @param length of load and blows; starting and settling come on top
 * @param seed the same seed draws the same blows at the same times
 * @param blowsPerMinute on average
 * @param clients that have one request open each
 * @param home where everything is kept; empty or not there yet
 */
public record ChaosPlan(Duration length, long seed, double blowsPerMinute, int clients, Path home) {
  public ChaosPlan {
    home = home.toAbsolutePath().normalize();
    if (length.isNegative() || length.isZero()) {
      throw new IllegalArgumentException("A run takes some time, not " + length);
    }
    if (!(blowsPerMinute >= 0 && blowsPerMinute <= 60)) {
      throw new IllegalArgumentException(
          "Between 0 and 60 blows a minute can be dealt, not " + blowsPerMinute);
    }
    if (clients < 1 || clients > 1_000) {
      throw new IllegalArgumentException("Between 1 and 1000 clients can be run, not " + clients);
    }
  }
}
