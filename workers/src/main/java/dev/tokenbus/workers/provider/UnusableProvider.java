package dev.tokenbus.workers.provider;

/**
 * Stands in for a provider that cannot be called as it is configured: answers every call with the
 * reason, so that the client learns what is missing instead of waiting.
 */
public record UnusableProvider(ProviderFailure reason) implements Provider {
  @Override
  public Call start(ProviderRequest request, AnswerListener listener) {
    Thread.ofVirtual().name("unusable-provider").start(() -> listener.onFailed(reason));
    return () -> {};
  }

  @Override
  public void close() {
    // Holds nothing.
  }
}
