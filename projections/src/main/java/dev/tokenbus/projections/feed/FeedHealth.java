package dev.tokenbus.projections.feed;

/**
 * Whether one consumer makes progress.
 *
 * <p>Thread-safe: its consumer's thread writes, any thread reads.
 */
final class FeedHealth {
  private volatile boolean positioned;
  private volatile boolean failing;

  /** The consumer has its assignment, perhaps an empty one, and knows the stored offsets. */
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
