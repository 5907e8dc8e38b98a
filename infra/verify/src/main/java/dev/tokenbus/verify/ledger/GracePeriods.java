package dev.tokenbus.verify.ledger;

import java.time.Duration;

/**
 * How long an effect may take before its absence counts as a difference.
 *
 * @param settling from the end of a request to its usage record and the last reply
 * @param overdue from the deadline of a request to its end
 */
public record GracePeriods(Duration settling, Duration overdue) {
  public static final GracePeriods DEFAULT =
      new GracePeriods(Duration.ofSeconds(30), Duration.ofSeconds(30));
}
