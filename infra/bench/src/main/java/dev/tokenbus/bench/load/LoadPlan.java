package dev.tokenbus.bench.load;

import dev.tokenbus.bench.provider.MockText;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * One load run.
 *
 * @param base URL up to and with {@code /v1}; plain http only
 * @param apiKey sent as {@code Authorization: Bearer}
 * @param tokens how many tokens of {@link MockText} each answer must have; 0 where another provider
 *     answers and only its form can be checked
 * @param promptCharacters length to which each prompt is filled up; every prompt is different, and
 *     a long one cannot be compressed to less than three quarters
 * @param warmUp time at the beginning that is not measured
 * @param measured time that is
 * @param timeout of one request, from its first byte to its last
 */
public record LoadPlan(
    URI base,
    Optional<String> apiKey,
    String model,
    boolean stream,
    int tokens,
    int promptCharacters,
    Arrival arrival,
    Duration warmUp,
    Duration measured,
    Duration timeout) {
  private static final Duration DEFAULT_WARM_UP = Duration.ofSeconds(10);
  private static final Duration DEFAULT_MEASURED = Duration.ofSeconds(30);
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(60);

  public LoadPlan {
    if (!"http".equals(base.getScheme()) || base.getHost() == null) {
      throw new IllegalArgumentException("base must be an http:// URL with a host: " + base);
    }
    if (tokens < 0 || promptCharacters < 0) {
      throw new IllegalArgumentException("tokens and promptCharacters must not be negative");
    }
    if (warmUp.isNegative() || !measured.isPositive() || !timeout.isPositive()) {
      throw new IllegalArgumentException("warmUp, measured and timeout must be positive");
    }
  }

  /** A streaming plan with 200 characters per prompt, 10 s of warm-up and 30 s measured. */
  public static LoadPlan streaming(URI base, String model, int tokens, Arrival arrival) {
    return new LoadPlan(
        base,
        Optional.empty(),
        model,
        true,
        tokens,
        200,
        arrival,
        DEFAULT_WARM_UP,
        DEFAULT_MEASURED,
        DEFAULT_TIMEOUT);
  }

  public LoadPlan withApiKey(String value) {
    return new LoadPlan(
        base,
        Optional.of(value),
        model,
        stream,
        tokens,
        promptCharacters,
        arrival,
        warmUp,
        measured,
        timeout);
  }

  /** The same with whole answers in place of streams. */
  public LoadPlan whole() {
    return new LoadPlan(
        base, apiKey, model, false, tokens, promptCharacters, arrival, warmUp, measured, timeout);
  }

  public LoadPlan withTimes(Duration warmUpTime, Duration measuredTime) {
    return new LoadPlan(
        base,
        apiKey,
        model,
        stream,
        tokens,
        promptCharacters,
        arrival,
        warmUpTime,
        measuredTime,
        timeout);
  }

  /** The same with prompts of this length. */
  public LoadPlan withPromptCharacters(int characters) {
    return new LoadPlan(
        base, apiKey, model, stream, tokens, characters, arrival, warmUp, measured, timeout);
  }

  public LoadPlan withTimeout(Duration value) {
    return new LoadPlan(
        base, apiKey, model, stream, tokens, promptCharacters, arrival, warmUp, measured, value);
  }
}
