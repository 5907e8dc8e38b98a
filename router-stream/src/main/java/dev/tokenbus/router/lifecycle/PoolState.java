package dev.tokenbus.router.lifecycle;

import java.time.Instant;

/**
 * What the workers of one provider and class are doing.
 *
 * @param kind what
 * @param since for how long without interruption
 */
public record PoolState(Kind kind, Instant since) {
  /** In the words of a dispatch that waits. */
  public enum Kind {
    /** No living worker takes such work. */
    UNSERVED,
    /** Work may be queueing. */
    BUSY,
    /** Most slots are free: whatever stands on the topic is taken at once. */
    IDLE
  }

  boolean lasting(Kind wanted, Instant from) {
    return kind == wanted && !since.isAfter(from);
  }
}
