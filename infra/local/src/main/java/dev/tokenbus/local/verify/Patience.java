package dev.tokenbus.local.verify;

import java.time.Duration;

/**
 * How long things may take before their absence is a difference.
 *
 * @param settling from the end of a request to its usage record and the last reply
 * @param overdue from the deadline of a request to its end
 */
public record Patience(Duration settling, Duration overdue) {
  public static final Patience DEFAULT =
      new Patience(Duration.ofSeconds(30), Duration.ofSeconds(30));
}
