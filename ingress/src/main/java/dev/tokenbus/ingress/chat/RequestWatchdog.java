package dev.tokenbus.ingress.chat;

import dev.tokenbus.ingress.http.ConnectionWatch;
import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.ingress.protocol.ProblemException;
import dev.tokenbus.ingress.replies.live.BrokerWatch;
import dev.tokenbus.schemas.errors.ErrorCode;
import java.time.Duration;

/**
 * Watches over a request while its thread waits for replies: whether the broker has acknowledged
 * the request, whether the client is still connected, whether the deadline has passed. Confined to
 * the request's thread; times are on the scale of {@link System#nanoTime()}.
 */
public final class RequestWatchdog {
  /** The router fails an overdue request; after this long the ingress does so itself. */
  private static final Duration GRACE = Duration.ofSeconds(2);

  /** The connections of requests that end sooner are not watched. */
  private static final Duration WATCH_AFTER = Duration.ofSeconds(1);

  /** A client must hear within two seconds that the broker is away. */
  private static final Duration ACKNOWLEDGED_AFTER = Duration.ofMillis(1_200);

  private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

  private final PendingAppend append;
  private final BrokerWatch broker;
  private final ConnectionWatch watch;
  private final long giveUpAt;
  private final long watchAt;
  private long acknowledgedBy;

  public RequestWatchdog(
      Duration deadline, PendingAppend append, BrokerWatch broker, ConnectionWatch watch) {
    this.append = append;
    this.broker = broker;
    this.watch = watch;
    long now = System.nanoTime();
    giveUpAt = now + deadline.plus(GRACE).toNanos();
    watchAt = now + WATCH_AFTER.toNanos();
    acknowledgedBy = now + ACKNOWLEDGED_AFTER.toNanos();
  }

  /** The earliest of the given time and the next time that {@link #check} is due. */
  long nextWake(long time) {
    long earliest = earlier(time, giveUpAt);
    if (!watch.isArmed()) {
      earliest = earlier(earliest, watchAt);
    }
    return append.isPending() ? earlier(earliest, acknowledgedBy) : earliest;
  }

  /**
   * Arms the connection watch and doubts the broker when it is time. Call it when no reply came.
   *
   * @throws ProblemException 503 if the broker is away and has not acknowledged the request
   */
  void check(long now) {
    if (!watch.isArmed() && now - watchAt >= 0) {
      watch.arm();
    }
    if (now - acknowledgedBy >= 0 && append.isPending()) {
      acknowledgedBy = now + LOOK_AGAIN.toNanos();
      if (broker.isSilent() && append.abandon()) {
        throw new ProblemException(BrokerWatch.unreachable());
      }
    }
  }

  boolean expired(long now) {
    return now - giveUpAt >= 0;
  }

  static Problem deadlineExceeded(boolean admitted) {
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
