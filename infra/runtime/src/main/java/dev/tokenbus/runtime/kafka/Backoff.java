package dev.tokenbus.runtime.kafka;

import java.time.Duration;

/**
 * How long to wait before the next try: as long as {@code first}, then twice as long each time, up
 * to {@code most}.
 */
public record Backoff(Duration first, Duration most) {
  /** Soon enough that nobody notices a short absence, seldom enough not to hammer what is away. */
  public static final Backoff STANDARD = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5));

  private static final int MOST_DOUBLINGS = 20;

  public Backoff {
    if (!first.isPositive() || most.compareTo(first) < 0) {
      throw new IllegalArgumentException("Back-off from " + first + " to " + most);
    }
  }

  /**
   * The wait behind a failure.
   *
   * @param failures in a row, this one included; at least 1
   */
  public Duration after(int failures) {
    Duration wait = first.multipliedBy(1L << Math.min(failures - 1, MOST_DOUBLINGS));
    return wait.compareTo(most) < 0 ? wait : most;
  }
}
