package dev.tokenbus.router.lifecycle;

import dev.tokenbus.schemas.avro.AttemptEvent;
import dev.tokenbus.schemas.avro.AttemptFinished;
import dev.tokenbus.schemas.avro.AttemptOutcome;
import dev.tokenbus.schemas.avro.BilledAttempt;
import dev.tokenbus.schemas.avro.RequestFinished;
import dev.tokenbus.schemas.avro.RequestStatus;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.avro.UnbilledAttempt;
import dev.tokenbus.schemas.avro.UsageSource;
import dev.tokenbus.schemas.errors.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes runs of attempts into an outcome: at most one is billed, the others are recorded as cost.
 */
final class AttemptBilling {
  private AttemptBilling() {}

  /** Bills the client for its answer; what the provider counted for this run stands beside it. */
  static BilledAttempt billed(Attempt attempt, AttemptEvent event, AttemptFinished finished) {
    TokenUsage own = finished.getUsage();
    TokenUsage usage = finished.getAnswerUsage() == null ? own : finished.getAnswerUsage();
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
        .setProviderUsage(ownUsage(finished))
        .setServiceTier(finished.getServiceTier())
        .setRegion(finished.getRegion())
        .setCredential(finished.getCredential())
        .setClaim(event.getClaim())
        .build();
  }

  /** What the provider counted for the run alone, where that is not what the client is billed. */
  private static @Nullable TokenUsage ownUsage(AttemptFinished finished) {
    TokenUsage own = finished.getUsage();
    TokenUsage answer = finished.getAnswerUsage();
    if (answer == null || answer.equals(own)) {
      return null;
    }
    return own == null ? TokenUsage.newBuilder().setSource(UsageSource.NONE).build() : own;
  }

  /**
   * The outcome with the cost of an answer that a run has found and not made: the run that made it,
   * of which nothing was heard, has used what the answer says.
   */
  static RequestFinished withMaker(RequestFinished outcome, AttemptFinished found) {
    TokenUsage answer = found.getAnswerUsage();
    if (found.getUsage() != null || answer == null) {
      return outcome;
    }
    List<UnbilledAttempt> costs = new ArrayList<>(outcome.getUnbilled());
    for (int last = costs.size() - 1; last >= 0; last--) {
      UnbilledAttempt run = costs.get(last);
      if (run.getOutcome() == AttemptOutcome.UNKNOWN && run.getUsage() == null) {
        costs.set(last, UnbilledAttempt.newBuilder(run).setUsage(answer).build());
        return RequestFinished.newBuilder(outcome).setUnbilled(costs).build();
      }
    }
    return outcome;
  }

  static UnbilledAttempt reported(AttemptEvent event, AttemptFinished finished) {
    return UnbilledAttempt.newBuilder()
        .setAttempt(event.getAttempt())
        .setProvider(event.getProvider())
        .setModel(event.getModel())
        .setOutcome(finished.getOutcome())
        .setErrorCode(finished.getErrorCode())
        .setUsage(finished.getUsage())
        .setUpstreamModel(finished.getUpstreamModel())
        .setClaim(event.getClaim())
        .setServiceTier(finished.getServiceTier())
        .setRegion(finished.getRegion())
        .setCredential(finished.getCredential())
        .setProviderRequestId(finished.getProviderRequestId())
        .setDurationMs(finished.getDurationMs())
        .build();
  }

  /** A run that sent no report; its cost is not known. */
  static UnbilledAttempt silent(Attempt attempt, Run run, ErrorCode code) {
    return UnbilledAttempt.newBuilder()
        .setAttempt(attempt.number())
        .setProvider(attempt.provider())
        .setModel(attempt.model())
        .setOutcome(AttemptOutcome.UNKNOWN)
        .setErrorCode(code.wireName())
        .setUpstreamModel(attempt.upstreamModel())
        .setClaim(run.claim())
        .build();
  }

  /** A run of which only the start has been reported; its cost is not known. */
  static UnbilledAttempt silent(AttemptEvent started, @Nullable String code) {
    return UnbilledAttempt.newBuilder()
        .setAttempt(started.getAttempt())
        .setProvider(started.getProvider())
        .setModel(started.getModel())
        .setOutcome(AttemptOutcome.UNKNOWN)
        .setErrorCode(code)
        .setClaim(started.getClaim())
        .build();
  }

  /**
   * The outcome of a request that the router took for failed and whose answer is complete in the
   * reply log.
   */
  static RequestFinished answered(RequestFinished failed, FinalReply.Answer answer) {
    TokenUsage own = ownUsage(failed, answer.attempt(), answer.claim());
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
                .setProviderUsage(own == null || own.equals(answer.usage()) ? null : own)
                .setClaim(answer.claim())
                .build())
        .setUnbilled(others(failed, answer.attempt(), answer.claim()))
        .build();
  }

  /**
   * The outcome of a request that has failed after the client had seen output: that output is
   * billed. What was billed already stays.
   *
   * @param prompt the estimated size of the prompt, for a provider that has not counted it
   */
  static RequestFinished delivered(
      RequestFinished failed, FinalReply.Delivered delivered, long prompt) {
    if (failed.getBilled() != null) {
      return failed;
    }
    TokenUsage own = ownUsage(failed, delivered.attempt(), delivered.claim());
    TokenUsage usage = delivered.usage();
    if (usage.getInput() + usage.getCacheRead() + usage.getCacheWrite() == 0) {
      usage = TokenUsage.newBuilder(usage).setInput(prompt).build();
    }
    return RequestFinished.newBuilder(failed)
        .setBilled(
            BilledAttempt.newBuilder()
                .setAttempt(delivered.attempt())
                .setProvider(delivered.provider())
                .setModel(failed.getModelAsked())
                .setUpstreamModel(delivered.upstreamModel())
                .setUsage(usage)
                .setDurationMs(delivered.durationMs())
                .setProviderUsage(own == null || own.equals(usage) ? null : own)
                .setClaim(delivered.claim())
                .build())
        .setUnbilled(others(failed, delivered.attempt(), delivered.claim()))
        .build();
  }

  static boolean isRun(BilledAttempt billed, int attempt, long claim) {
    return billed.getAttempt() == attempt
        && (billed.getClaim() == null || billed.getClaim() == claim);
  }

  /** The costs of all runs but the billed one. */
  static List<UnbilledAttempt> without(List<UnbilledAttempt> unbilled, BilledAttempt billed) {
    Long claim = billed.getClaim();
    return claim == null
        ? unbilled
        : unbilled.stream().filter(run -> !isRun(run, billed.getAttempt(), claim)).toList();
  }

  private static boolean isRun(UnbilledAttempt unbilled, int attempt, long claim) {
    return unbilled.getAttempt() == attempt
        && (unbilled.getClaim() == null || unbilled.getClaim() == claim);
  }

  /** What the provider counted for the run, where its worker has reported. */
  private static @Nullable TokenUsage ownUsage(RequestFinished outcome, int attempt, long claim) {
    BilledAttempt billed = outcome.getBilled();
    if (billed != null && isRun(billed, attempt, claim)) {
      return billed.getProviderUsage() == null ? billed.getUsage() : billed.getProviderUsage();
    }
    return outcome.getUnbilled().stream()
        .filter(unbilled -> isRun(unbilled, attempt, claim))
        .map(UnbilledAttempt::getUsage)
        .filter(usage -> usage != null)
        .findFirst()
        .orElse(null);
  }

  /** The costs of all runs but one. */
  private static List<UnbilledAttempt> others(RequestFinished failed, int attempt, long claim) {
    List<UnbilledAttempt> unbilled = new ArrayList<>(failed.getUnbilled());
    BilledAttempt other = failed.getBilled();
    if (other != null) {
      unbilled.add(asCost(other, failed));
    }
    unbilled.removeIf(run -> isRun(run, attempt, claim));
    return unbilled;
  }

  private static UnbilledAttempt asCost(BilledAttempt billed, RequestFinished failed) {
    return UnbilledAttempt.newBuilder()
        .setAttempt(billed.getAttempt())
        .setProvider(billed.getProvider())
        .setModel(billed.getModel())
        .setOutcome(
            failed.getStatus() == RequestStatus.CANCELLED
                ? AttemptOutcome.CANCELLED
                : AttemptOutcome.FAILED)
        .setErrorCode(failed.getErrorCode())
        .setUsage(billed.getProviderUsage() == null ? billed.getUsage() : billed.getProviderUsage())
        .setUpstreamModel(billed.getUpstreamModel())
        .setClaim(billed.getClaim())
        .setServiceTier(billed.getServiceTier())
        .setRegion(billed.getRegion())
        .setCredential(billed.getCredential())
        .setProviderRequestId(billed.getProviderRequestId())
        .setDurationMs(billed.getDurationMs())
        .build();
  }
}
