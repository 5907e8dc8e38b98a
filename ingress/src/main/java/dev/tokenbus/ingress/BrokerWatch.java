package dev.tokenbus.ingress;

import dev.tokenbus.ingress.protocol.ProblemException;
import dev.tokenbus.ingress.replies.ReplyBridge;
import java.time.Duration;

/**
 * Whether the broker can be relied on at this moment, judged by the connection over which replies
 * come. Thread-safe.
 */
final class BrokerWatch {
  /** Six times as long as an idle broker is silent. */
  private static final Duration SILENCE = Duration.ofSeconds(3);

  /**
   * Twice as long as an idle broker is silent: enough to doubt a broker that owes an
   * acknowledgement.
   */
  private static final Duration SUSPICIOUS = Duration.ofSeconds(1);

  private final ReplyBridge bridge;

  BrokerWatch(ReplyBridge bridge) {
    this.bridge = bridge;
  }

  boolean positioned() {
    return bridge.positioned();
  }

  boolean answering() {
    return bridge.silence().compareTo(SILENCE) < 0;
  }

  /** Whether it has not answered for longer than an idle broker would. */
  boolean isSilent() {
    return bridge.silence().compareTo(SUSPICIOUS) >= 0;
  }

  /**
   * Refuses at once what would fail after a wait.
   *
   * @throws ProblemException 503
   */
  void requireAnswering() {
    if (!positioned() || !answering()) {
      throw new ProblemException(RequestLog.brokerAway());
    }
  }
}
