package dev.tokenbus.workers.provider;

/** A call that runs. */
public interface Call {
  /**
   * Closes the connection to the provider, so that it stops producing. Does not wait. The listener
   * may hear what was under way, and after that nothing, not even an end. Does nothing to a call
   * that has ended.
   */
  void cancel();
}
