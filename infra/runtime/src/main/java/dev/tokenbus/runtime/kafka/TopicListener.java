package dev.tokenbus.runtime.kafka;

import org.jspecify.annotations.Nullable;

/** What a {@link TopicFollower} hands its records to. Everything is called on its thread. */
public interface TopicListener<T> {
  /** Whether a record with this key is to be decoded and handed over; all are by default. */
  default boolean wants(@Nullable String key) {
    return true;
  }

  /**
   * Takes the next record of its partition. If it throws, the same record comes again after a
   * back-off.
   */
  void take(TopicRecord<T> record);

  /**
   * Called when everything that stands on the topic has been taken: once at the start, and then
   * each time after something more was. What one transaction wrote has been taken as a whole.
   */
  default void reachedEnd() {}

  /**
   * Called after every poll, so at least once in the follower's tick.
   *
   * @param end tells whether there is more to take than has been taken
   */
  default void tick(TopicEnd end) {}
}
