package dev.tokenbus.router.lifecycle;

import dev.tokenbus.schemas.ErrorCode;
import dev.tokenbus.schemas.avro.AttemptEvent;
import dev.tokenbus.schemas.avro.AttemptFinished;
import dev.tokenbus.schemas.avro.AttemptOutcome;
import dev.tokenbus.schemas.avro.BilledAttempt;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.avro.UnbilledAttempt;
import org.jspecify.annotations.Nullable;

/** How attempts stand in an outcome: at most one is billed, the others are cost. */
final class Costs {
  private Costs() {}

  static BilledAttempt billed(Attempt attempt, AttemptFinished finished) {
    TokenUsage usage = finished.getUsage();
    String upstreamModel = finished.getUpstreamModel();
    return BilledAttempt.newBuilder()
        .setAttempt(attempt.number())
        .setProvider(attempt.provider())
        .setModel(attempt.model())
        .setUpstreamModel(upstreamModel == null ? attempt.upstreamModel() : upstreamModel)
        .setUsage(usage == null ? TokenUsage.newBuilder().build() : usage)
        .setProviderRequestId(finished.getProviderRequestId())
        .setFinishReason(finished.getFinishReason())
        .setTimeToFirstTokenMs(finished.getTimeToFirstTokenMs())
        .setDurationMs(finished.getDurationMs())
        .build();
  }

  static UnbilledAttempt reported(AttemptEvent event, AttemptFinished finished) {
    return unbilled(
        event.getAttempt(),
        event.getProvider(),
        event.getModel(),
        finished.getOutcome(),
        finished.getErrorCode(),
        finished.getUsage());
  }

  /** An attempt that has not been heard of again; what it cost is not known. */
  static UnbilledAttempt silent(Attempt attempt, ErrorCode code) {
    return unbilled(
        attempt.number(),
        attempt.provider(),
        attempt.model(),
        AttemptOutcome.UNKNOWN,
        code.wireName(),
        null);
  }

  private static UnbilledAttempt unbilled(
      int number,
      String provider,
      String model,
      AttemptOutcome outcome,
      @Nullable String errorCode,
      @Nullable TokenUsage usage) {
    return UnbilledAttempt.newBuilder()
        .setAttempt(number)
        .setProvider(provider)
        .setModel(model)
        .setOutcome(outcome)
        .setErrorCode(errorCode)
        .setUsage(usage)
        .build();
  }
}
