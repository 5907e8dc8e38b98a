package dev.tokenbus.bench.provider;

import dev.tokenbus.bench.provider.behaviour.Behaviour;
import java.util.List;
import java.util.Optional;

/**
 * What a mock provider starts with.
 *
 * @param port on 127.0.0.1; 0 for a free one
 * @param apiKey what {@code Authorization: Bearer} must carry; empty takes every request
 * @param models names beside {@code mock} and {@code mock/…}; they have the behaviour below
 * @param behaviour of every model, changed by the words in its name
 * @param remembered how many requests {@link MockProvider#received()} keeps; 0 for benchmarks
 */
public record MockOptions(
    int port, Optional<String> apiKey, List<String> models, Behaviour behaviour, int remembered) {
  /** A free port, no key, plain behaviour, the last 1,000 requests. */
  public static final MockOptions DEFAULT =
      new MockOptions(0, Optional.empty(), List.of(), Behaviour.PLAIN, 1000);

  public MockOptions {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("not a port: " + port);
    }
    if (remembered < 0) {
      throw new IllegalArgumentException("remembered must not be negative: " + remembered);
    }
    models = List.copyOf(models);
  }

  public MockOptions withPort(int value) {
    return new MockOptions(value, apiKey, models, behaviour, remembered);
  }

  public MockOptions withApiKey(String value) {
    return new MockOptions(port, Optional.of(value), models, behaviour, remembered);
  }

  public MockOptions withModels(List<String> value) {
    return new MockOptions(port, apiKey, value, behaviour, remembered);
  }

  public MockOptions withBehaviour(Behaviour value) {
    return new MockOptions(port, apiKey, models, value, remembered);
  }

  public MockOptions withRemembered(int value) {
    return new MockOptions(port, apiKey, models, behaviour, value);
  }
}
