package dev.tokenbus.router.lifecycle;

import java.time.Instant;

/**
 * The load of the workers of one provider and class.
 *
 * @param kind what
 * @param since since when without interruption
 */
public record PoolState(Kind kind, Instant since) {
  /** What the load means for a dispatch that waits. */
  public enum Kind {
    /** No living worker takes such work. */
    UNSERVED,
    /** Work may be queueing. */
    BUSY,
    /** Most slots are free: workers take a dispatch at once. */
    IDLE
  }

  boolean lasting(Kind wanted, Instant from) {
    return kind == wanted && !since.isAfter(from);
  }
}
