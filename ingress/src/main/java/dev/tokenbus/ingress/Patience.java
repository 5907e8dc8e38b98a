package dev.tokenbus.ingress;

import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.schemas.ErrorCode;
import java.time.Duration;

/**
 * How long a request is waited for, and how often its thread looks up meanwhile. Of the request's
 * thread alone; times are on the scale of {@link System#nanoTime()}.
 */
final class Patience {
  /** The router ends what has passed its deadline; only when it does not, the ingress does. */
  private static final Duration GRACE = Duration.ofSeconds(2);

  /** Requests that are answered sooner are not watched for their client's going. */
  private static final Duration WATCH_AFTER = Duration.ofSeconds(1);

  private final long giveUpAt;
  private final long watchAt;
  private final ConnectionWatch watch;

  Patience(Duration deadline, ConnectionWatch watch) {
    this.watch = watch;
    long now = System.nanoTime();
    giveUpAt = now + deadline.plus(GRACE).toNanos();
    watchAt = now + WATCH_AFTER.toNanos();
  }

  /** The earlier of the given time and of the times that matter here. */
  long next(long time) {
    long earliest = earlier(time, giveUpAt);
    return watch.isArmed() ? earliest : earlier(earliest, watchAt);
  }

  /** To be called when nothing came. */
  void lookUp(long now) {
    if (!watch.isArmed() && now - watchAt >= 0) {
      watch.arm();
    }
  }

  boolean isOver(long now) {
    return now - giveUpAt >= 0;
  }

  static Problem nobodyAnswered(boolean admitted) {
    return Problem.of(
        ErrorCode.DEADLINE_EXCEEDED,
        admitted
            ? "The request was not answered before its deadline."
            : "The request was written to the log, but no router took it up before its deadline.");
  }

  private static long earlier(long a, long b) {
    return a - b < 0 ? a : b;
  }
}
