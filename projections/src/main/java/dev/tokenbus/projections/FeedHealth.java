package dev.tokenbus.projections;

/**
 * Whether one consumer moves on.
 *
 * <p>Thread-safe: its consumer's thread writes, any thread reads.
 */
final class FeedHealth {
  private volatile boolean positioned;
  private volatile boolean failing;

  /** It has its share of the partitions, perhaps none, and knows where each of them stands. */
  void positioned() {
    positioned = true;
  }

  void succeeded() {
    failing = false;
  }

  void failed() {
    failing = true;
  }

  boolean failing() {
    return failing;
  }

  boolean ready() {
    return positioned && !failing;
  }
}
