package dev.tokenbus.ingress.replies.live;

import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.ingress.protocol.ProblemException;
import dev.tokenbus.schemas.errors.ErrorCode;
import java.time.Duration;

/**
 * Tells whether the broker responds, judged by the connection that fetches replies. Thread-safe.
 */
public final class BrokerWatch {
  /** Six times the longest silence of an idle broker. */
  private static final Duration SILENCE = Duration.ofSeconds(3);

  /**
   * Twice the longest silence of an idle broker: enough to doubt a broker that owes an
   * acknowledgement.
   */
  private static final Duration SUSPICIOUS = Duration.ofSeconds(1);

  private final ReplyBridge bridge;

  public BrokerWatch(ReplyBridge bridge) {
    this.bridge = bridge;
  }

  /** The problem that a request fails with while the broker is away. */
  public static Problem unreachable() {
    return Problem.of(
            ErrorCode.UNAVAILABLE, "The message broker cannot be reached at the moment. Try again.")
        .retryAfter(Duration.ofSeconds(2));
  }

  public boolean positioned() {
    return bridge.positioned();
  }

  /** Whether replies are read: neither the broker nor the schema registry is waited for. */
  public boolean following() {
    return bridge.following();
  }

  public boolean answering() {
    return bridge.silence().compareTo(SILENCE) < 0;
  }

  /** Whether the broker has been silent for longer than an idle broker is. */
  public boolean isSilent() {
    return bridge.silence().compareTo(SUSPICIOUS) >= 0;
  }

  /**
   * Fails at once where a request would fail after a wait.
   *
   * @throws ProblemException 503
   */
  public void requireAnswering() {
    if (!positioned() || !answering()) {
      throw new ProblemException(unreachable());
    }
    if (!following()) {
      throw new ProblemException(
          Problem.of(ErrorCode.UNAVAILABLE, "This instance cannot read replies yet. Try again.")
              .retryAfter(Duration.ofSeconds(1)));
    }
  }
}
