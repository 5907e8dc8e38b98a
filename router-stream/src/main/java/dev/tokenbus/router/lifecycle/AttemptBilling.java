package dev.tokenbus.router.lifecycle;

import dev.tokenbus.schemas.avro.AttemptEvent;
import dev.tokenbus.schemas.avro.AttemptFinished;
import dev.tokenbus.schemas.avro.AttemptOutcome;
import dev.tokenbus.schemas.avro.BilledAttempt;
import dev.tokenbus.schemas.avro.RequestFinished;
import dev.tokenbus.schemas.avro.RequestStatus;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.avro.UnbilledAttempt;
import dev.tokenbus.schemas.errors.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes attempts into an outcome: at most one is billed, the others are recorded as cost. */
final class AttemptBilling {
  private AttemptBilling() {}

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

  /** An attempt that sent no report; its cost is not known. */
  static UnbilledAttempt silent(Attempt attempt, ErrorCode code) {
    return unbilled(
        attempt.number(),
        attempt.provider(),
        attempt.model(),
        AttemptOutcome.UNKNOWN,
        code.wireName(),
        null);
  }

  /**
   * The outcome of a request that the router took for failed and whose answer is complete in the
   * reply log.
   */
  static RequestFinished answered(RequestFinished failed, FinalReply.Answer answer) {
    List<UnbilledAttempt> unbilled = new ArrayList<>(failed.getUnbilled());
    BilledAttempt other = failed.getBilled();
    if (other != null) {
      unbilled.add(
          unbilled(
              other.getAttempt(),
              other.getProvider(),
              other.getModel(),
              failed.getStatus() == RequestStatus.CANCELLED
                  ? AttemptOutcome.CANCELLED
                  : AttemptOutcome.FAILED,
              failed.getErrorCode(),
              other.getUsage()));
    }
    unbilled.removeIf(attempt -> attempt.getAttempt() == answer.attempt());
    return RequestFinished.newBuilder(failed)
        .setStatus(RequestStatus.COMPLETED)
        .setErrorCode(null)
        .setErrorMessage(null)
        .setFinishedAt(answer.at())
        .setBilled(
            BilledAttempt.newBuilder()
                .setAttempt(answer.attempt())
                .setProvider(answer.provider())
                .setModel(failed.getModelAsked())
                .setUpstreamModel(answer.upstreamModel())
                .setUsage(answer.usage())
                .setProviderRequestId(answer.providerRequestId())
                .setFinishReason(answer.finishReason())
                .setDurationMs(answer.durationMs())
                .build())
        .setUnbilled(unbilled)
        .build();
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
