package dev.tokenbus.workers.provider;

/**
 * One provider as the catalogue names it, ready to be called.
 *
 * <p>Thread-safe.
 */
public interface Provider extends AutoCloseable {
  /**
   * Begins a call and returns without waiting for the answer. Every failure, also one before the
   * first byte was sent, goes to the listener and is never thrown.
   */
  ProviderCall start(ProviderRequest request, AnswerListener listener);

  /** The dialect in whose words the {@code extra} members of its answers are. */
  String dialect();

  /** Cancels the calls that still run and frees the connections. */
  @Override
  void close();
}
