package dev.tokenbus.projections.usage;

import dev.tokenbus.schemas.avro.AttemptOutcome;
import dev.tokenbus.schemas.avro.BilledAttempt;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.avro.UnbilledAttempt;
import dev.tokenbus.schemas.avro.UsageRecorded;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of a request, billed or not, with what its own provider calls used.
 *
 * @param position 0 for the billed attempt, from 1 for the others as the record lists them: unlike
 *     attempt and claim, unique in records of every version
 * @param claim tells two runs of one attempt apart; null where 0.1.0 wrote the record
 * @param usage null where the attempt used nothing or nobody knows
 */
record UsageAttempt(
    int position,
    int attempt,
    @Nullable Long claim,
    boolean billed,
    String tenant,
    String provider,
    String model,
    @Nullable String upstreamModel,
    AttemptOutcome outcome,
    @Nullable String errorCode,
    @Nullable TokenUsage usage,
    @Nullable String serviceTier,
    @Nullable String region,
    @Nullable String credential,
    @Nullable String providerRequestId,
    @Nullable Long durationMs) {

  /** All attempts that the record names. */
  static List<UsageAttempt> of(UsageRecorded usage) {
    List<UsageAttempt> attempts = new ArrayList<>();
    BilledAttempt billed = usage.getBilled();
    if (billed != null) {
      attempts.add(billed(usage, billed));
    }
    int position = 1;
    for (UnbilledAttempt unbilled : usage.getUnbilled()) {
      attempts.add(unbilled(usage.getTenant(), position++, unbilled));
    }
    return attempts;
  }

  private static UsageAttempt billed(UsageRecorded usage, BilledAttempt billed) {
    TokenUsage ownUsage = billed.getProviderUsage();
    return new UsageAttempt(
        0,
        billed.getAttempt(),
        billed.getClaim(),
        true,
        usage.getTenant(),
        billed.getProvider(),
        billed.getModel(),
        billed.getUpstreamModel(),
        outcomeOf(usage),
        usage.getErrorCode(),
        ownUsage == null ? billed.getUsage() : ownUsage,
        billed.getServiceTier(),
        billed.getRegion(),
        billed.getCredential(),
        billed.getProviderRequestId(),
        billed.getDurationMs());
  }

  private static UsageAttempt unbilled(String tenant, int position, UnbilledAttempt unbilled) {
    return new UsageAttempt(
        position,
        unbilled.getAttempt(),
        unbilled.getClaim(),
        false,
        tenant,
        unbilled.getProvider(),
        unbilled.getModel(),
        unbilled.getUpstreamModel(),
        unbilled.getOutcome(),
        unbilled.getErrorCode(),
        unbilled.getUsage(),
        unbilled.getServiceTier(),
        unbilled.getRegion(),
        unbilled.getCredential(),
        unbilled.getProviderRequestId(),
        unbilled.getDurationMs());
  }

  /** The request ended as its billed attempt did. */
  private static AttemptOutcome outcomeOf(UsageRecorded usage) {
    return switch (usage.getStatus()) {
      case COMPLETED -> AttemptOutcome.SUCCEEDED;
      case FAILED, REJECTED -> AttemptOutcome.FAILED;
      case CANCELLED -> AttemptOutcome.CANCELLED;
      case UNKNOWN -> AttemptOutcome.UNKNOWN;
    };
  }
}
