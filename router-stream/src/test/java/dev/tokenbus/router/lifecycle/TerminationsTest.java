package dev.tokenbus.router.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.router.lifecycle.RequestState.Stopping;
import dev.tokenbus.schemas.avro.AttemptEvent;
import dev.tokenbus.schemas.avro.AttemptFinished;
import dev.tokenbus.schemas.avro.AttemptOutcome;
import dev.tokenbus.schemas.avro.BilledAttempt;
import dev.tokenbus.schemas.avro.CancelReason;
import dev.tokenbus.schemas.avro.Failed;
import dev.tokenbus.schemas.avro.RequestStatus;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.avro.UnbilledAttempt;
import dev.tokenbus.schemas.avro.UsageSource;
import dev.tokenbus.schemas.errors.ErrorCode;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How deadlines and cancels end a request, and what is billed then. */
class TerminationsTest {
  @Test
  void billsWhatAWorkerDeliveredUntilItSawTheDeadlineItself() {
    Life life = Life.streaming(Samples.MODEL);
    life.finalReply = delivered(1, 1, 8);

    life.report(
        Samples.failed(
            life.id,
            life.attempt(),
            1,
            Samples.WORKER,
            life.now,
            ErrorCode.DEADLINE_EXCEEDED,
            true));

    assertThat(life.outcome().getErrorCode()).isEqualTo("deadline_exceeded");
    assertThat(life.outcome().getBilled().getAttempt()).isEqualTo(1);
    assertThat(life.outcome().getBilled().getUsage().getOutput()).isEqualTo(8);
    assertThat(life.outcome().getBilled().getUsage().getInput()).isEqualTo(Samples.PROMPT_TOKENS);
  }

  @Test
  void billsWhatWasProducedBeforeTheClientLeft() {
    Life life = Life.streaming(Samples.MODEL);

    List<Effect> effects = life.cancelled(1, true);

    assertThat(life.outcome().getStatus()).isEqualTo(RequestStatus.CANCELLED);
    assertThat(life.outcome().getErrorCode()).isEqualTo("cancelled");
    assertThat(life.outcome().getBilled().getUsage().getOutput()).isEqualTo(6);
    assertThat(((Effect.SendReply) effects.getFirst()).reply().getEvent())
        .isInstanceOf(Failed.class);
  }

  @Test
  void billsNothingWhereNothingWasProduced() {
    Life life = Life.streaming(Samples.MODEL);

    life.cancelled(1, false);

    assertThat(life.outcome().getBilled()).isNull();
  }

  @Test
  void failsWhatNobodyStartedBeforeTheDeadline() {
    Life life = Life.accepted(Samples.MODEL);

    List<Effect> effects = life.advance(Life.PATIENCE);
    life.advance(life.policy.stopping());

    assertThat(life.outcome().getErrorCode()).isEqualTo("deadline_exceeded");
    assertThat(Life.cancelIn(effects).getReason()).isEqualTo(CancelReason.DEADLINE);
    assertThat(Life.cancelIn(effects).getUpToAttempt()).isEqualTo(1);
  }

  @Test
  void waitsForTheUsageOfAnAttemptThatTheDeadlineStops() {
    Life life = Life.streaming(Samples.MODEL);

    List<Effect> atDeadline = life.advance(Life.PATIENCE);
    assertThat(life.state).isInstanceOf(Stopping.class);
    assertThat(Life.cancelIn(atDeadline).getReason()).isEqualTo(CancelReason.DEADLINE);
    assertThat(Life.only(atDeadline, Effect.PublishOutcome.class)).isEmpty();
    life.cancelled(1, true);

    assertThat(life.outcome().getStatus()).isEqualTo(RequestStatus.FAILED);
    assertThat(life.outcome().getErrorCode()).isEqualTo("deadline_exceeded");
    assertThat(life.outcome().getBilled().getUsage().getOutput()).isEqualTo(6);
  }

  @Test
  void completesWhatWasCompleteWhenTheOrderToStopArrived() {
    Life life = Life.streaming(Samples.MODEL);
    life.advance(Life.PATIENCE);

    List<Effect> effects = life.succeed(1);

    assertThat(effects).singleElement().isInstanceOf(Effect.PublishOutcome.class);
    assertThat(life.outcome().getStatus()).isEqualTo(RequestStatus.COMPLETED);
  }

  @Test
  void doesNotWaitForEverForAWorkerThatWasToldToStop() {
    Life life = Life.streaming(Samples.MODEL);
    life.advance(Life.PATIENCE);

    List<Effect> effects = life.advance(life.policy.stopping());

    assertThat(Life.only(effects, Effect.PublishOutcome.class)).hasSize(1);
    assertThat(life.outcome().getUnbilled())
        .extracting(UnbilledAttempt::getOutcome)
        .containsExactly(AttemptOutcome.UNKNOWN);
    assertThat(life.succeed(1)).isEmpty();
    assertThat(life.outcome().getStatus()).isEqualTo(RequestStatus.FAILED);
  }

  @Test
  void endsARequestThatIsCancelledBeforeAWorkerStartsIt() {
    Life life = Life.accepted(Samples.MODEL);

    List<Effect> effects = life.cancel(CancelReason.CLIENT_GONE);
    life.advance(Terminations.CANCEL_REPORT);

    assertThat(life.outcome().getStatus()).isEqualTo(RequestStatus.CANCELLED);
    assertThat(life.outcome().getErrorCode()).isEqualTo("cancelled");
    assertThat(life.outcome().getBilled()).isNull();
    assertThat(((Effect.SendReply) effects.getFirst()).reply().getEvent())
        .isInstanceOf(Failed.class);
    assertThat(Life.cancelIn(effects).getUpToAttempt()).isEqualTo(1);
  }

  @Test
  void dispatchesNothingMoreOnceTheClientHasGone() {
    Life life = Life.streaming(Samples.MODEL);
    life.cancel(CancelReason.CLIENT_GONE);

    assertThat(life.fail(1, ErrorCode.PROVIDER_UNAVAILABLE))
        .noneMatch(effect -> effect instanceof Effect.Dispatch);
    assertThat(life.outcome().getStatus()).isEqualTo(RequestStatus.CANCELLED);
  }

  @Test
  void doesNotHandOnTheStreamOfAClientThatHasGoneWhenItsWorkerDies() {
    Life life = Life.streaming(Samples.MODEL);
    life.finalReply = delivered(1, 1, 5);
    life.cancel(CancelReason.CLIENT_GONE);
    life.cluster.lostWorkers.add(Samples.WORKER);

    List<Effect> effects = life.advance(Duration.ofMillis(100));

    assertThat(Life.only(effects, Effect.Dispatch.class)).isEmpty();
    assertThat(life.outcome().getStatus()).isEqualTo(RequestStatus.CANCELLED);
    assertThat(life.outcome().getBilled().getUsage().getOutput()).isEqualTo(5);
    assertThat(life.outcome().getUnbilled()).isEmpty();
  }

  @Test
  void billsTheOutputOfADeadAttemptThatHasNoSuccessor() {
    Life life = Life.notContinuing();
    life.finalReply = delivered(1, 1, 40);
    life.cluster.lostWorkers.add(Samples.WORKER);

    life.advance(Duration.ofSeconds(3));

    assertThat(life.outcome().getStatus()).isEqualTo(RequestStatus.FAILED);
    BilledAttempt billed = life.outcome().getBilled();
    assertThat(billed.getClaim()).isEqualTo(1);
    assertThat(billed.getUsage().getOutput()).isEqualTo(40);
    assertThat(billed.getUsage().getInput()).isEqualTo(Samples.PROMPT_TOKENS);
    assertThat(billed.getUsage().getSource()).isEqualTo(UsageSource.ESTIMATE);
    assertThat(life.outcome().getUnbilled()).isEmpty();
  }

  @Test
  void billsTheWholeAnswerAndKeepsWhatTheProviderCountedBesideIt() {
    Life life = Life.streaming(Samples.MODEL);

    life.report(
        Samples.event(
            life.id,
            life.attempt(),
            1,
            Samples.WORKER,
            life.now,
            AttemptFinished.newBuilder(
                    Samples.finished(AttemptOutcome.SUCCEEDED, null, true, Samples.usage(90, 10)))
                .setAnswerUsage(Samples.usage(12, 88))
                .build()));

    assertThat(life.outcome().getBilled().getUsage()).isEqualTo(Samples.usage(12, 88));
    assertThat(life.outcome().getBilled().getProviderUsage()).isEqualTo(Samples.usage(90, 10));
  }

  @Test
  void countsTheCostOfAnAnswerThatWasOnlyFoundOnceAndForTheRunThatReportedIt() {
    Life life = tookOverFromASilentWorker();
    life.report(Samples.succeeded(life.id, life.attempt(1), 1, Samples.WORKER, life.now));

    life.report(found(life));

    assertThat(life.outcome().getBilled().getUsage()).isEqualTo(Samples.usage(12, 34));
    assertThat(life.outcome().getBilled().getProviderUsage().getSource())
        .isEqualTo(UsageSource.NONE);
    assertThat(life.outcome().getUnbilled())
        .extracting(UnbilledAttempt::getUsage)
        .containsExactly(Samples.usage(12, 34));
  }

  @Test
  void countsTheCostOfAFoundAnswerForTheRunThatNeverReportedIt() {
    Life life = tookOverFromASilentWorker();

    life.report(found(life));

    assertThat(life.outcome().getBilled().getProviderUsage().getOutput()).isZero();
    assertThat(life.outcome().getUnbilled())
        .singleElement()
        .satisfies(cost -> {
          assertThat(cost.getAttempt()).isEqualTo(1);
          assertThat(cost.getUsage()).isEqualTo(Samples.usage(12, 34));
        });
  }

  @Test
  void saysThatTheDeadlineHasPassedWhateverAnAttemptFailedOf() {
    Life life = Life.streaming(Samples.MODEL);
    life.now = life.request.getDeadline();

    life.fail(1, ErrorCode.PROVIDER_UNAVAILABLE);

    assertThat(life.outcome().getErrorCode()).isEqualTo("deadline_exceeded");
  }

  @Test
  void saysThatTheDeadlineHasPassedAlsoWhereAWorkerHandsOver() {
    Life life = Life.notContinuing();
    life.now = life.request.getDeadline();

    life.report(
        Samples.failed(
            life.id, life.attempt(), 1, Samples.WORKER, life.now, ErrorCode.WORKER_LOST, true));

    assertThat(life.outcome().getErrorCode()).isEqualTo("deadline_exceeded");
  }

  private static Life tookOverFromASilentWorker() {
    Life life = Life.streaming(Samples.MODEL);
    life.cluster.lostWorkers.add(Samples.WORKER);
    life.advance(Duration.ofSeconds(3));
    life.start(2);
    return life;
  }

  private static AttemptEvent found(Life life) {
    return Samples.event(
        life.id,
        life.attempt(),
        2,
        "worker-2",
        life.now,
        AttemptFinished.newBuilder(Samples.finished(AttemptOutcome.SUCCEEDED, null, false, null))
            .setAnswerUsage(Samples.usage(12, 34))
            .build());
  }

  private static FinalReply delivered(int attempt, long claim, long output) {
    return new FinalReply.NoAnswer(
        new FinalReply.Delivered(
            attempt,
            claim,
            "east",
            "big",
            TokenUsage.newBuilder().setOutput(output).setSource(UsageSource.ESTIMATE).build(),
            7));
  }
}
