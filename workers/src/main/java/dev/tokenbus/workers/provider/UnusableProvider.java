package dev.tokenbus.workers.provider;

/**
 * Stands in for a provider whose configuration is not usable. It fails every call with the reason,
 * so that the client sees what is missing and does not wait.
 */
public record UnusableProvider(ProviderFailure reason) implements Provider {
  @Override
  public ProviderCall start(ProviderRequest request, AnswerListener listener) {
    Thread.ofVirtual().name("unusable-provider").start(() -> listener.onFailed(reason));
    return () -> {};
  }

  @Override
  public String dialect() {
    return "none";
  }

  @Override
  public void close() {
    // Holds nothing.
  }
}
