package dev.tokenbus.workers.provider.simulated;

import java.time.Duration;
import java.util.Map;

/**
 * How a simulated provider behaves.
 *
 * @param tokens of an answer, unless the request allows fewer
 * @param tokensPerSecond after the first; 0 for no pause at all
 * @param firstToken time from the call to the first token
 */
public record SimulatedSettings(int tokens, double tokensPerSecond, Duration firstToken) {
  private static final String TOKENS = "tokens";
  private static final String TOKENS_PER_SECOND = "tokens-per-second";
  private static final String FIRST_TOKEN_MS = "first-token-ms";
  private static final int MOST_TOKENS = 1_000_000;

  public SimulatedSettings {
    if (tokens < 1 || tokens > MOST_TOKENS) {
      throw new IllegalArgumentException(
          "tokens must be from 1 to " + MOST_TOKENS + ", was " + tokens);
    }
    if (!(tokensPerSecond >= 0)) {
      throw new IllegalArgumentException("tokens-per-second must not be negative");
    }
    if (firstToken.isNegative()) {
      throw new IllegalArgumentException("first-token-ms must not be negative");
    }
  }

  /**
   * Reads the options of a provider.
   *
   * @param options of the provider's catalogue entry; what is not named has its default: 64 tokens,
   *     50 a second, the first after 20 ms
   * @throws IllegalArgumentException if a value is not a number in its range
   */
  public static SimulatedSettings of(Map<String, String> options) {
    return new SimulatedSettings(
        (int) number(options, TOKENS, 64),
        number(options, TOKENS_PER_SECOND, 50),
        Duration.ofMillis((long) number(options, FIRST_TOKEN_MS, 20)));
  }

  private static double number(Map<String, String> options, String name, double usual) {
    String text = options.get(name);
    if (text == null) {
      return usual;
    }
    try {
      return Double.parseDouble(text.strip());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(name + " must be a number, was " + text, e);
    }
  }

  /** When the token is due, counted from the call. */
  Duration due(int token) {
    return tokensPerSecond == 0
        ? firstToken
        : firstToken.plusNanos((long) (token * 1_000_000_000.0 / tokensPerSecond));
  }
}
