package dev.tokenbus.workers.attempt;

import dev.tokenbus.schemas.avro.CallTimeouts;
import dev.tokenbus.schemas.errors.ErrorCode;
import dev.tokenbus.workers.call.CallTimings;
import java.time.Instant;
import java.util.Optional;

/** How long a run and its call may take. */
final class TimeLimits {
  private TimeLimits() {}

  /** The end of a run that has exceeded one of its limits. */
  static Optional<AttemptEnd> exceeded(AttemptSpec spec, CallTimings timings, Instant now) {
    CallTimeouts timeouts = spec.timeouts();
    if (!now.isBefore(spec.deadline())) {
      return failed(ErrorCode.DEADLINE_EXCEEDED, "The request's deadline has passed");
    }
    if (timings.waitsForFirstOutput(timeouts.getFirstTokenMs())) {
      return failed(
          ErrorCode.FIRST_TOKEN_TIMEOUT,
          "Provider %s sent no output for %d ms"
              .formatted(spec.provider(), timeouts.getFirstTokenMs()));
    }
    if (timings.waitsForMoreOutput(timeouts.getStallMs())) {
      return failed(
          ErrorCode.STALLED,
          "Provider %s stopped in the middle of its answer for %d ms"
              .formatted(spec.provider(), timeouts.getStallMs()));
    }
    return Optional.empty();
  }

  private static Optional<AttemptEnd> failed(ErrorCode code, String message) {
    return Optional.of(AttemptEnd.Failed.of(code, message));
  }
}
