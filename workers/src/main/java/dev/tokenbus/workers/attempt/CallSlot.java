package dev.tokenbus.workers.attempt;

/** The right to run one call, and where what is learnt from it goes. Thread-safe. */
public interface CallSlot {
  /** The request is sent as a whole, and its body is not in memory any more. */
  default void sent() {}

  /** The provider answers the call. May be called more than once. */
  void answered();

  /** The provider says that it is asked for too much. */
  void refused();

  /** The call is over. Called exactly once. */
  void free();
}
