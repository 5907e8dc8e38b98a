package dev.tokenbus.router.processing;

import java.time.Duration;
import java.time.Instant;

/**
 * The pause of a task's punctuation after it was taken over: a deadline must not end a request
 * whose success is among the records that its former owner had not committed.
 *
 * <p>Not thread-safe.
 */
final class CatchUp {
  /** The pause lasts this long after the last replayed record. */
  private static final Duration AFTER_REPLAYED = Duration.ofMillis(500);

  /** The longest pause for records that look old: clocks differ. */
  private static final Duration LONGEST = Duration.ofSeconds(30);

  private final Instant takenOver;
  private Instant pausedUntil;

  /**
   * @param grace the shortest pause
   */
  CatchUp(Instant takenOver, Duration grace) {
    this.takenOver = takenOver;
    pausedUntil = takenOver.plus(grace);
  }

  /** A record comes that was written at this time. */
  void record(long timestamp, Instant now) {
    if (timestamp < takenOver.toEpochMilli() && now.isBefore(takenOver.plus(LONGEST))) {
      Instant until = now.plus(AFTER_REPLAYED);
      pausedUntil = until.isAfter(pausedUntil) ? until : pausedUntil;
    }
  }

  boolean paused(Instant now) {
    return now.isBefore(pausedUntil);
  }
}
