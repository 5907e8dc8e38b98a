package dev.tokenbus.router.lifecycle;

import java.time.Duration;

/**
 * The router's limits on attempts and its time-outs.
 *
 * @param maxAttempts the number of attempts of a request that may fail
 * @param maxLosses the number of attempts and dispatches of a request that may get lost
 * @param backoff before the first retry at the same provider; doubles with each
 * @param maxBackoff longest wait before a retry; a provider that asks for more ends the request
 * @param catalogueGrace how long an unknown model may take to appear in the catalogue
 * @param topicGrace how long a new provider's work topics may take to appear
 * @param lostDispatch after which a dispatch that idle workers have not taken counts as lost
 * @param noWorker after which a dispatch that no worker serves is given up
 * @param stopping how long a worker that was told to stop has to report
 * @param closing how long to try to read the final reply in the log, before the router's own
 *     failure counts
 * @param repeatOutcome how long an ended request answers a repeated record with its outcome
 * @param idempotency how long after its acceptance a request with output owns its idempotency key;
 *     not longer than replies are kept
 * @param continueStreams whether an attempt that may have delivered output is followed by one that
 *     continues it; otherwise the request fails
 */
public record Policy(
    int maxAttempts,
    int maxLosses,
    Duration backoff,
    Duration maxBackoff,
    Duration catalogueGrace,
    Duration topicGrace,
    Duration lostDispatch,
    Duration noWorker,
    Duration stopping,
    Duration closing,
    Duration repeatOutcome,
    Duration idempotency,
    boolean continueStreams) {

  public static final Policy DEFAULT =
      new Policy(
          3,
          5,
          Duration.ofMillis(250),
          Duration.ofSeconds(10),
          Duration.ofSeconds(1),
          Duration.ofSeconds(10),
          Duration.ofSeconds(5),
          Duration.ofSeconds(30),
          Duration.ofSeconds(1),
          Duration.ofMinutes(2),
          Duration.ofMinutes(2),
          Duration.ofDays(1),
          true);

  /** How long a worker's silence does not count after its stream was seen to go on. */
  private static final Duration TRUST_AFTER_DECLINE = Duration.ofSeconds(3);

  Duration trustAfterDecline() {
    return TRUST_AFTER_DECLINE;
  }

  public Policy {
    if (maxAttempts < 1) {
      throw new IllegalArgumentException("A request needs at least one attempt: " + maxAttempts);
    }
    if (maxLosses < 0) {
      throw new IllegalArgumentException("Losses cannot be negative: " + maxLosses);
    }
    if (backoff.compareTo(maxBackoff) > 0) {
      throw new IllegalArgumentException(
          "The first back-off " + backoff + " is longer than the longest " + maxBackoff);
    }
  }
}
