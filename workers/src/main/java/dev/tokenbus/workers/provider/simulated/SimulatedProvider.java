package dev.tokenbus.workers.provider.simulated;

import dev.tokenbus.schemas.avro.ProviderEntry;
import dev.tokenbus.schemas.errors.ErrorCode;
import dev.tokenbus.workers.provider.AnswerListener;
import dev.tokenbus.workers.provider.Provider;
import dev.tokenbus.workers.provider.ProviderCall;
import dev.tokenbus.workers.provider.ProviderFailure;
import dev.tokenbus.workers.provider.ProviderRequest;
import dev.tokenbus.workers.provider.UnusableProvider;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Answers without a model, at a configured speed, and says so in the answer's text and in its
 * model's name.
 */
public final class SimulatedProvider implements Provider {
  private final SimulatedSettings settings;
  private final Set<SimulatedCall> running = ConcurrentHashMap.newKeySet();

  public SimulatedProvider(SimulatedSettings settings) {
    this.settings = settings;
  }

  public static Provider of(ProviderEntry entry) {
    try {
      return new SimulatedProvider(SimulatedSettings.of(entry.getOptions()));
    } catch (IllegalArgumentException e) {
      return new UnusableProvider(
          ProviderFailure.of(
              ErrorCode.PROVIDER_NOT_CONFIGURED,
              "Provider " + entry.getName() + " is not configured well: " + e.getMessage()));
    }
  }

  @Override
  public ProviderCall start(ProviderRequest request, AnswerListener listener) {
    SimulatedCall call = new SimulatedCall(settings, request, listener);
    running.add(call);
    Thread.ofVirtual()
        .name("simulated")
        .start(() -> {
          try {
            call.run();
          } finally {
            running.remove(call);
          }
        });
    return call;
  }

  /** Its raw usage is spelled like OpenAI's. */
  @Override
  public String dialect() {
    return "openai";
  }

  @Override
  public void close() {
    running.forEach(SimulatedCall::cancel);
  }
}
