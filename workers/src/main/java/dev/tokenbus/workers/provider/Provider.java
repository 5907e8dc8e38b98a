package dev.tokenbus.workers.provider;

/**
 * One provider as the catalogue names it, ready to be called.
 *
 * <p>Thread-safe.
 */
public interface Provider extends AutoCloseable {
  /**
   * Begins a call and returns without waiting for the answer. Everything that goes wrong, also
   * before a byte was sent, is told to the listener and never thrown.
   */
  Call start(ProviderRequest request, AnswerListener listener);

  /** Breaks off the calls that still run and frees connections. */
  @Override
  void close();
}
