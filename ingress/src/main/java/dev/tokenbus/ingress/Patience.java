package dev.tokenbus.ingress;

import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.ingress.protocol.ProblemException;
import dev.tokenbus.schemas.errors.ErrorCode;
import java.time.Duration;

/**
 * How long a request is waited for, and what its thread looks after meanwhile: that the broker has
 * taken the request, that its client is still there, that its deadline has not passed. Of the
 * request's thread alone; times are on the scale of {@link System#nanoTime()}.
 */
final class Patience {
  /** The router ends what has passed its deadline; only when it does not, the ingress does. */
  private static final Duration GRACE = Duration.ofSeconds(2);

  /** Requests that are answered sooner are not watched for their client's going. */
  private static final Duration WATCH_AFTER = Duration.ofSeconds(1);

  /** A client is to be told within two seconds that the broker is away. */
  private static final Duration ACKNOWLEDGED_AFTER = Duration.ofMillis(1_200);

  private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

  private final Acceptance acceptance;
  private final BrokerWatch broker;
  private final ConnectionWatch watch;
  private final long giveUpAt;
  private final long watchAt;
  private long acknowledgedBy;

  Patience(Duration deadline, Acceptance acceptance, BrokerWatch broker, ConnectionWatch watch) {
    this.acceptance = acceptance;
    this.broker = broker;
    this.watch = watch;
    long now = System.nanoTime();
    giveUpAt = now + deadline.plus(GRACE).toNanos();
    watchAt = now + WATCH_AFTER.toNanos();
    acknowledgedBy = now + ACKNOWLEDGED_AFTER.toNanos();
  }

  /** The earliest of the given time and of the times that matter here. */
  long next(long time) {
    long earliest = earlier(time, giveUpAt);
    if (!watch.isArmed()) {
      earliest = earlier(earliest, watchAt);
    }
    return acceptance.isPending() ? earlier(earliest, acknowledgedBy) : earliest;
  }

  /**
   * To be called when nothing came.
   *
   * @throws ProblemException 503 if the broker is away and has not taken the request
   */
  void lookUp(long now) {
    if (!watch.isArmed() && now - watchAt >= 0) {
      watch.arm();
    }
    if (now - acknowledgedBy >= 0 && acceptance.isPending()) {
      acknowledgedBy = now + LOOK_AGAIN.toNanos();
      if (broker.isSilent() && acceptance.abandon()) {
        throw new ProblemException(RequestLog.brokerAway());
      }
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
