package dev.tokenbus.workers.attempt;

import dev.tokenbus.schemas.avro.AttemptFinished;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.avro.UsageSource;
import dev.tokenbus.schemas.errors.ErrorCode;
import dev.tokenbus.workers.call.CallTimings;
import dev.tokenbus.workers.provider.AnswerHead;
import dev.tokenbus.workers.usage.UsageTally;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * What a run that has ended reports to the router.
 *
 * @param level the format level: tells what the router can read
 */
record RunReport(
    AttemptSpec spec,
    AttemptEnd how,
    AnswerHead head,
    CallTimings timings,
    UsageTally tally,
    int level) {
  /**
   * From this level on the router knows that what is billed is not always what the run has used.
   */
  private static final int ANSWER_LEVEL = 2;

  private static final Logger LOG = LoggerFactory.getLogger(RunReport.class);

  /**
   * Reports until the broker has acknowledged.
   *
   * @param delivered whether output of the run stands in the log
   */
  CompletableFuture<Void> send(AttemptReporter reporter, boolean delivered) {
    log();
    return how instanceof AttemptEnd.Declined declined
        ? reporter.declined(spec, declined.declined())
        : reporter.finished(spec, finished(delivered));
  }

  private AttemptFinished finished(boolean delivered) {
    TokenUsage cost = cost();
    TokenUsage answer = answer();
    String named = head.model();
    AttemptFinished.Builder finished =
        AttemptFinished.newBuilder()
            .setOutcome(how.outcome())
            .setDelivered(delivered)
            .setUsage(cost)
            .setAnswerUsage(answer == null || answer.equals(cost) ? null : answer)
            .setUpstreamModel(named == null ? spec.upstreamModel() : named)
            .setProviderRequestId(head.requestId())
            .setServiceTier(head.serviceTier())
            .setTimeToFirstTokenMs(timings.toFirstOutputMs())
            .setDurationMs(timings.durationMs());
    how.describe(finished);
    return finished.build();
  }

  /** What the client is billed for a complete answer. */
  TokenUsage billed() {
    TokenUsage answer = answer();
    return answer == null ? TokenUsage.newBuilder().setSource(UsageSource.NONE).build() : answer;
  }

  private @Nullable TokenUsage cost() {
    // The run that gave the answer reports what it cost, and not the one that found it.
    return whole() && level >= ANSWER_LEVEL ? null : tally.cost(counted(), worked());
  }

  private @Nullable TokenUsage answer() {
    // A complete answer that was only found, or only lacked its end, is counted as a whole.
    return whole() ? counted() : tally.answer(counted(), worked());
  }

  private boolean whole() {
    return how instanceof AttemptEnd.Found
        || (how instanceof AttemptEnd.Succeeded && !timings.begun());
  }

  /** What the provider counted. */
  private @Nullable TokenUsage counted() {
    return switch (how) {
      case AttemptEnd.Succeeded succeeded -> succeeded.answer().usage();
      case AttemptEnd.Found found -> found.completed().getUsage();
      case AttemptEnd.Cancelled _, AttemptEnd.Failed _, AttemptEnd.Declined _ -> null;
    };
  }

  /** Whether the provider is likely to bill for the call that ran last. */
  private boolean worked() {
    return switch (how) {
      case AttemptEnd.Succeeded _, AttemptEnd.Found _, AttemptEnd.Cancelled _ -> true;
      case AttemptEnd.Failed(var failure) ->
          timings.hasOutput() || failure.code() == ErrorCode.FIRST_TOKEN_TIMEOUT;
      case AttemptEnd.Declined _ -> false;
    };
  }

  private void log() {
    boolean failed = how instanceof AttemptEnd.Failed;
    LOG.atLevel(failed ? Level.WARN : Level.DEBUG)
        .addKeyValue("request_id", spec.requestId())
        .addKeyValue("attempt", spec.attempt())
        .addKeyValue("provider", spec.provider())
        .addKeyValue("outcome", how.outcome())
        .addKeyValue(
            "error", how instanceof AttemptEnd.Failed failure ? failure.failure().message() : "")
        .addKeyValue("duration_ms", timings.durationMs())
        .log("attempt ended");
  }
}
