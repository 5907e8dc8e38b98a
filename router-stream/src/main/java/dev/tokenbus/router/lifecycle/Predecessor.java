package dev.tokenbus.router.lifecycle;

import dev.tokenbus.schemas.avro.AttemptOutcome;
import dev.tokenbus.schemas.avro.RequestFinished;
import java.util.Objects;

/**
 * The run whose stream the next attempt continues. Its worker may only have been cut off for a
 * while, and may still write.
 */
public record Predecessor(Attempt attempt, Run run) {
  /** Whether its worker has reported its end, as far as the outcome has noted it. */
  boolean reported(RequestFinished outcome) {
    return outcome.getUnbilled().stream()
        .anyMatch(cost ->
            cost.getAttempt() == attempt.number()
                && Objects.equals(cost.getClaim(), run.claim())
                // The entry of a silent run has neither.
                && (cost.getOutcome() != AttemptOutcome.UNKNOWN || cost.getDurationMs() != null));
  }
}
