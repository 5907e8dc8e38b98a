package dev.tokenbus.workers.provider;

/** One call to a provider that is in flight. */
public interface ProviderCall {
  /**
   * Closes the connection to the provider, so that it stops producing. Does not wait. The listener
   * may still receive output that was in flight, and then nothing more, not even an end. A call
   * that has ended is left alone.
   */
  void cancel();
}
