package dev.tokenbus.bench.provider.behaviour;

import java.time.Duration;
import java.util.Optional;

/**
 * How fast the mock answers.
 *
 * @param perToken time between two tokens of a stream
 * @param firstToken time from the response head to the first token
 * @param headers time from the request to the response head
 * @param answer time to an answer that is not streamed; empty for the time that the stream would
 *     have taken
 */
public record Pace(
    Duration perToken, Duration firstToken, Duration headers, Optional<Duration> answer) {
  /** Everything at once. */
  public static final Pace IMMEDIATE =
      new Pace(Duration.ZERO, Duration.ZERO, Duration.ZERO, Optional.empty());

  public Pace {
    requireNotNegative("perToken", perToken);
    requireNotNegative("firstToken", firstToken);
    requireNotNegative("headers", headers);
    answer.ifPresent(value -> requireNotNegative("answer", value));
  }

  private static void requireNotNegative(String name, Duration value) {
    if (value.isNegative()) {
      throw new IllegalArgumentException(name + " must not be negative: " + value);
    }
  }

  public Pace withPerToken(Duration value) {
    return new Pace(value, firstToken, headers, answer);
  }

  public Pace withFirstToken(Duration value) {
    return new Pace(perToken, value, headers, answer);
  }

  public Pace withHeaders(Duration value) {
    return new Pace(perToken, firstToken, value, answer);
  }

  public Pace withAnswer(Duration value) {
    return new Pace(perToken, firstToken, headers, Optional.of(value));
  }

  /** How long an answer of this many tokens takes when it is not streamed. */
  public Duration whole(int tokens) {
    return answer.orElseGet(
        () -> headers.plus(firstToken).plus(perToken.multipliedBy(Math.max(0, tokens - 1))));
  }
}
