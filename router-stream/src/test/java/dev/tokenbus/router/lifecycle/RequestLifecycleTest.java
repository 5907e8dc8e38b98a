package dev.tokenbus.router.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.router.lifecycle.RequestState.Accepted;
import dev.tokenbus.router.lifecycle.RequestState.Admitted;
import dev.tokenbus.router.lifecycle.RequestState.Dispatched;
import dev.tokenbus.router.lifecycle.RequestState.Stopping;
import dev.tokenbus.router.lifecycle.RequestState.Streaming;
import dev.tokenbus.runtime.catalogue.Catalogue;
import dev.tokenbus.schemas.avro.AttemptDeclined;
import dev.tokenbus.schemas.avro.AttemptEvent;
import dev.tokenbus.schemas.avro.AttemptFinished;
import dev.tokenbus.schemas.avro.AttemptOutcome;
import dev.tokenbus.schemas.avro.BilledAttempt;
import dev.tokenbus.schemas.avro.Cancel;
import dev.tokenbus.schemas.avro.CancelReason;
import dev.tokenbus.schemas.avro.ContinuationPolicy;
import dev.tokenbus.schemas.avro.Failed;
import dev.tokenbus.schemas.avro.PolicyEntry;
import dev.tokenbus.schemas.avro.Rejected;
import dev.tokenbus.schemas.avro.RequestFinished;
import dev.tokenbus.schemas.avro.RequestStatus;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.avro.UnbilledAttempt;
import dev.tokenbus.schemas.avro.UsageSource;
import dev.tokenbus.schemas.errors.ErrorCode;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class RequestLifecycleTest {
  @Test
  void admitsAndDispatchesInOneStep() {
    Life life = new Life(Samples.MODEL);

    List<Effect> effects = life.accept();

    assertThat(life.state).isInstanceOf(Dispatched.class);
    assertThat(effects).hasSize(2);
    dev.tokenbus.schemas.avro.Reply reply = ((Effect.SendReply) effects.get(0)).reply();
    assertThat(reply.getAttempt()).isZero();
    assertThat(reply.getClaim()).isZero();
    assertThat(reply.getSequence()).isZero();
    dev.tokenbus.schemas.avro.Admitted admitted =
        (dev.tokenbus.schemas.avro.Admitted) reply.getEvent();
    assertThat(admitted.getDeadline()).isEqualTo(life.request.getDeadline());
    assertThat(admitted.getRendering().getModelAsked()).isEqualTo(Samples.MODEL);
    assertThat(admitted.getRendering().getIncludeUsage()).isTrue();
    Attempt attempt = ((Effect.Dispatch) effects.get(1)).attempt();
    assertThat(attempt).isEqualTo(new Attempt(1, "east", Samples.MODEL, "big"));
  }

  @Test
  void billsTheAttemptThatSucceeded() {
    Life life = Life.streaming(Samples.MODEL);

    List<Effect> effects = life.succeed(1);

    assertThat(effects).singleElement().isInstanceOf(Effect.PublishOutcome.class);
    RequestFinished outcome = life.outcome();
    assertThat(outcome.getStatus()).isEqualTo(RequestStatus.COMPLETED);
    assertThat(outcome.getErrorCode()).isNull();
    assertThat(outcome.getBilled().getAttempt()).isEqualTo(1);
    assertThat(outcome.getBilled().getUsage().getOutput()).isEqualTo(34);
    assertThat(outcome.getBilled().getUpstreamModel()).isEqualTo("upstream-model-2026");
    assertThat(outcome.getUnbilled()).isEmpty();
    assertThat(outcome.getAttempts()).isEqualTo(1);
    assertThat(outcome.getTeam()).isEqualTo("team");
  }

  @Test
  void repeatsTheOutcomeToTheLetterWhenWhatEndedItComesAgain() {
    Life life = Life.streaming(Samples.MODEL);
    List<Effect> first = life.succeed(1);
    RequestState ended = life.state;

    life.now = life.now.plusMillis(30);
    List<Effect> again =
        life.report(Samples.succeeded(life.id, life.attempt(1), 1, Samples.WORKER, life.now));

    assertThat(again).isEqualTo(first);
    assertThat(life.state).isEqualTo(ended);
  }

  @Test
  void startsNothingWhenAFinishedRequestIsAcceptedAgain() {
    Life life = Life.streaming(Samples.MODEL);
    life.succeed(1);

    assertThat(life.accept()).isEmpty();
    life.advance(Life.PATIENCE.minusSeconds(1));
    assertThat(life.accept()).isEmpty();
  }

  @Test
  void dispatchesTheSameAttemptAgainWhenTheRequestIsAcceptedAgainBeforeAnyoneStarted() {
    Life life = new Life(Samples.MODEL);
    List<Effect> first = life.accept();

    assertThat(life.accept()).isEqualTo(first);
  }

  @Test
  void dispatchesNothingAgainOnceAWorkerHasStarted() {
    Life life = Life.streaming(Samples.MODEL);

    assertThat(life.accept()).singleElement().isInstanceOf(Effect.SendReply.class);
  }

  @Test
  void rejectsAModelThatTheCatalogueDoesNotLearnInTime() {
    Life life = new Life("gpt-nonesuch");

    assertThat(life.accept()).isEmpty();
    assertThat(life.state).isInstanceOf(Accepted.class);
    List<Effect> effects = life.advance(life.policy.catalogueGrace());

    Rejected rejected = (Rejected) ((Effect.SendReply) effects.get(0)).reply().getEvent();
    assertThat(rejected.getCode()).isEqualTo("model_not_found");
    assertThat(rejected.getParam()).isEqualTo("model");
    assertThat(life.outcome().getStatus()).isEqualTo(RequestStatus.REJECTED);
    assertThat(life.outcome().getAttempts()).isZero();
    assertThat(life.outcome().getBilled()).isNull();
  }

  @Test
  void admitsAModelThatTheCatalogueLearnsInTheLastMoment() {
    Life life = new Life(Samples.MODEL);
    life.cluster.catalogue = Catalogue.EMPTY;
    life.accept();
    life.cluster.catalogue = Samples.catalogue();

    List<Effect> effects = life.advance(Duration.ofMillis(900));

    assertThat(Life.only(effects, Effect.Dispatch.class)).hasSize(1);
    assertThat(life.state).isInstanceOf(Dispatched.class);
  }

  @Test
  void waitsForTheWorkTopicOfANewProvider() {
    Life life = new Life(Samples.SINGLE);
    life.cluster.withoutTopics.add("east");
    assertThat(life.accept()).isEmpty();
    assertThat(life.advance(Duration.ofSeconds(9))).isEmpty();

    life.cluster.withoutTopics.clear();

    assertThat(Life.only(life.advance(Duration.ofMillis(50)), Effect.Dispatch.class)).hasSize(1);
  }

  @Test
  void rejectsARequestWhoseDeadlineHasPassedBeforeItWasSeen() {
    Life life = new Life(Samples.MODEL);
    life.now = life.request.getDeadline();

    life.accept();

    assertThat(life.outcome().getStatus()).isEqualTo(RequestStatus.REJECTED);
    assertThat(life.outcome().getErrorCode()).isEqualTo("deadline_exceeded");
  }

  @Test
  void takesTheNextRouteAtOnceWhenNothingWasDelivered() {
    Life life = Life.streaming(Samples.MODEL);

    List<Effect> effects = life.fail(1, ErrorCode.PROVIDER_UNAVAILABLE);

    Attempt second = Life.only(effects, Effect.Dispatch.class).getFirst().attempt();
    assertThat(second).isEqualTo(new Attempt(2, "west", Samples.MODEL, "large"));
    life.start(2);
    life.succeed(2);
    assertThat(life.outcome().getBilled().getProvider()).isEqualTo("west");
    assertThat(life.outcome().getUnbilled())
        .extracting(UnbilledAttempt::getProvider, UnbilledAttempt::getErrorCode)
        .containsExactly(org.assertj.core.groups.Tuple.tuple("east", "provider_unavailable"));
  }

  @Test
  void dispatchesTheRetryAgainWhenTheReportThatCausedItComesAgain() {
    Life life = Life.streaming(Samples.MODEL);
    dev.tokenbus.schemas.avro.AttemptEvent failure =
        Samples.failed(
            life.id,
            life.attempt(1),
            1,
            Samples.WORKER,
            life.now,
            ErrorCode.PROVIDER_UNAVAILABLE,
            false);
    List<Effect> first = life.report(failure);

    assertThat(life.report(failure))
        .isEqualTo(List.copyOf(Life.only(first, Effect.Dispatch.class)));
  }

  @Test
  void waitsBeforeItAsksTheSameProviderAgain() {
    Life life = Life.streaming(Samples.SINGLE);

    assertThat(life.fail(1, ErrorCode.PROVIDER_UNAVAILABLE)).isEmpty();

    assertThat(life.in(Admitted.class).notBefore())
        .isBetween(
            life.now.plus(life.policy.backoff().dividedBy(2)),
            life.now.plus(life.policy.backoff()));
    assertThat(Life.only(life.advance(life.policy.backoff()), Effect.Dispatch.class)).hasSize(1);
  }

  @Test
  void waitsAsLongAsTheProviderAsks() {
    Life life = Life.streaming(Samples.SINGLE);

    failWithRetryAfter(life, 4_000);

    assertThat(life.advance(Duration.ofMillis(3_999))).isEmpty();
    assertThat(Life.only(life.advance(Duration.ofMillis(1)), Effect.Dispatch.class)).hasSize(1);
  }

  @Test
  void tellsTheClientToWaitWhenTheProviderAsksForTooLong() {
    Life life = Life.streaming(Samples.SINGLE);

    List<Effect> effects = failWithRetryAfter(life, 20_000);

    Failed failed = (Failed) ((Effect.SendReply) effects.getFirst()).reply().getEvent();
    assertThat(failed.getCode()).isEqualTo("provider_rate_limited");
    assertThat(failed.getRetryAfterMs()).isEqualTo(20_000);
    assertThat(failed.getProviderStatus()).isEqualTo(429);
  }

  @Test
  void givesUpAfterTheLastAttemptWithTheLastReason() {
    Life life = Life.streaming(Samples.MODEL);
    life.fail(1, ErrorCode.PROVIDER_UNAVAILABLE);
    life.start(2);
    life.fail(2, ErrorCode.FIRST_TOKEN_TIMEOUT);
    life.advance(life.policy.maxBackoff());
    life.start(3);

    List<Effect> effects = life.fail(3, ErrorCode.PROVIDER_ERROR);

    dev.tokenbus.schemas.avro.Reply last = ((Effect.SendReply) effects.getFirst()).reply();
    assertThat(last.getAttempt()).isEqualTo(4);
    assertThat(((Failed) last.getEvent()).getCode()).isEqualTo("provider_error");
    assertThat(life.outcome().getStatus()).isEqualTo(RequestStatus.FAILED);
    assertThat(life.outcome().getAttempts()).isEqualTo(3);
    assertThat(life.outcome().getBilled()).isNull();
    assertThat(life.outcome().getUnbilled()).hasSize(3);
  }

  @Test
  void doesNotTryAgainWhatCannotSucceed() {
    Life life = Life.streaming(Samples.MODEL);

    life.fail(1, ErrorCode.CONTEXT_LENGTH_EXCEEDED);

    assertThat(life.outcome().getErrorCode()).isEqualTo("context_length_exceeded");
  }

  @Test
  void goesToTheNextRouteWhenAProviderIsNotConfiguredButNotBackToIt() {
    Life life = Life.streaming(Samples.MODEL);

    life.fail(1, ErrorCode.PROVIDER_NOT_CONFIGURED);
    assertThat(life.in(Dispatched.class).attempt().provider()).isEqualTo("west");
    life.start(2);
    life.fail(2, ErrorCode.PROVIDER_UNAVAILABLE);
    life.advance(life.policy.maxBackoff());

    assertThat(life.in(Dispatched.class).attempt().provider()).isEqualTo("west");
  }

  @Test
  void failsAStreamThatBrokeHalfWayWhereStreamsDoNotGoOn() {
    Life life = notContinuing();

    life.report(
        Samples.failed(
            life.id, life.attempt(), 1, Samples.WORKER, life.now, ErrorCode.STALLED, true));

    assertThat(life.outcome().getErrorCode()).isEqualTo("stream_broken");
    assertThat(life.outcome().getErrorMessage()).contains("stalled");
  }

  @Test
  void failsARequestWhoseWorkerDiesWhereStreamsDoNotGoOn() {
    Life life = notContinuing();
    life.cluster.lostWorkers.add(Samples.WORKER);

    List<Effect> effects = life.advance(Duration.ofSeconds(3));

    assertThat(Life.only(effects, Effect.Dispatch.class)).isEmpty();
    assertThat(life.outcome().getErrorCode()).isEqualTo("worker_lost");
  }

  @Test
  void beginsAnewWhenADrainingWorkerHasDeliveredNothing() {
    Life life = notContinuing();

    List<Effect> effects = life.fail(1, ErrorCode.WORKER_LOST);

    assertThat(Life.only(effects, Effect.Dispatch.class).getFirst().attempt())
        .isEqualTo(new Attempt(2, "east", Samples.MODEL, "big"));
  }

  @Test
  void handsABrokenStreamOnWhereStreamsGoOn() {
    Life life = Life.streaming(Samples.MODEL);

    List<Effect> effects =
        life.report(
            Samples.failed(
                life.id, life.attempt(), 1, Samples.WORKER, life.now, ErrorCode.STALLED, true));

    Attempt second = Life.only(effects, Effect.Dispatch.class).getFirst().attempt();
    assertThat(second.number()).isEqualTo(2);
  }

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

    assertThat(life.outcome().getErrorCode()).isEqualTo("deadline_exceeded");
    assertThat(cancel(effects).getReason()).isEqualTo(CancelReason.DEADLINE);
    assertThat(cancel(effects).getUpToAttempt()).isEqualTo(1);
  }

  @Test
  void waitsForTheUsageOfAnAttemptThatTheDeadlineStops() {
    Life life = Life.streaming(Samples.MODEL);

    List<Effect> atDeadline = life.advance(Life.PATIENCE);
    assertThat(life.state).isInstanceOf(Stopping.class);
    assertThat(cancel(atDeadline).getReason()).isEqualTo(CancelReason.DEADLINE);
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
  void handsTheAttemptOfALostWorkerToTheNextWithItsReplies() {
    Life life = Life.streaming(Samples.MODEL);
    Attempt first = life.attempt();
    life.cluster.lostWorkers.add(Samples.WORKER);

    List<Effect> effects = life.advance(Duration.ofSeconds(3));

    Attempt second = Life.only(effects, Effect.Dispatch.class).getFirst().attempt();
    assertThat(second).isEqualTo(new Attempt(2, "east", Samples.MODEL, "big"));
    assertThat(Life.only(effects, Effect.Dispatch.class).getFirst().predecessor())
        .isEqualTo(new Predecessor(first, new Run(1, Samples.WORKER, 1)));
    // It may only have been cut off for a while: the successor looks, and fences it off.
    assertThat(Life.only(effects, Effect.SendCancel.class)).isEmpty();
  }

  @Test
  void countsWhatALostWorkerReportsLaterAsCostAndAsNothingElse() {
    Life life = Life.streaming(Samples.MODEL);
    life.cluster.lostWorkers.add(Samples.WORKER);
    life.advance(Duration.ofSeconds(3));
    life.start(2);

    assertThat(
            life.report(Samples.succeeded(life.id, life.attempt(1), 1, Samples.WORKER, life.now)))
        .isEmpty();
    life.succeed(2);

    assertThat(life.outcome().getBilled().getAttempt()).isEqualTo(2);
    assertThat(life.outcome().getUnbilled())
        .singleElement()
        .satisfies(cost -> {
          assertThat(cost.getAttempt()).isEqualTo(1);
          assertThat(cost.getUsage().getOutput()).isEqualTo(34);
        });
  }

  @Test
  void stopsALateStarterOfAnAttemptThatHasASuccessor() {
    Life life = Life.streaming(Samples.MODEL);
    Attempt first = life.attempt();
    life.cluster.lostWorkers.add(Samples.WORKER);
    life.advance(Duration.ofSeconds(3));

    List<Effect> effects =
        life.report(Samples.started(life.id, first, 99, "worker-late", life.now));

    assertThat(cancel(effects).getUpToAttempt()).isEqualTo(1);
    assertThat(cancel(effects).getExcept()).isNull();
    assertThat(life.state).isInstanceOf(Dispatched.class);
  }

  @Test
  void stopsTheSecondStarterOfTheSameAttempt() {
    Life life = Life.streaming(Samples.MODEL);

    List<Effect> effects = life.start(2);

    assertThat(cancel(effects).getReason()).isEqualTo(CancelReason.SUPERSEDED);
    assertThat(cancel(effects).getExcept()).isEqualTo(1);
    assertThat(life.in(Streaming.class).run().claim()).isEqualTo(1);
    life.report(superseded(life, 2, false));
    life.succeed(1);
    assertThat(life.outcome().getStatus()).isEqualTo(RequestStatus.COMPLETED);
  }

  @Test
  void letsTheNextAttemptReadTheLogWhenTwoStartersOfOneAttemptHaveWrittenToIt() {
    Life life = Life.streaming(Samples.MODEL);
    life.start(2);

    List<Effect> effects = life.report(superseded(life, 2, true));

    assertThat(Life.only(effects, Effect.Dispatch.class).getFirst().attempt().number())
        .isEqualTo(2);
    assertThat(cancel(effects).getExcept()).isNull();
  }

  @Test
  void doesNotTrustASecondStarterThatFencedOffThePredecessorsAndSaysItHasDeliveredNothing() {
    Life life = Life.streaming(Samples.MODEL);
    life.cluster.lostWorkers.add(Samples.WORKER);
    life.advance(Duration.ofSeconds(3));
    life.cluster.lostWorkers.clear();
    life.start(2);
    life.start(3);

    List<Effect> effects = life.report(superseded(life, 3, false));

    assertThat(Life.only(effects, Effect.Dispatch.class).getFirst().attempt().number())
        .isEqualTo(3);
  }

  @Test
  void readsTheLogWhenAnAttemptWithARivalSucceedsAfterTheDeadline() {
    Life life = Life.streaming(Samples.MODEL);
    life.start(2);
    life.advance(Life.PATIENCE);
    life.finalReply =
        new FinalReply.Answer(
            1, 1, "east", "big", Samples.usage(12, 34), null, "stop", 9, life.now);

    List<Effect> effects = life.succeed(1);

    assertThat(Life.only(effects, Effect.FindFinalReply.class)).hasSize(1);
    assertThat(life.outcome().getStatus()).isEqualTo(RequestStatus.COMPLETED);
    assertThat(life.outcome().getBilled().getUsage().getOutput()).isEqualTo(34);
    assertThat(life.outcome().getUnbilled()).isEmpty();
  }

  @Test
  void doesNotTrustTheSuccessOfAnAttemptWhileItsRivalIsUnheardOf() {
    Life life = Life.streaming(Samples.MODEL);
    life.start(2);

    List<Effect> effects = life.succeed(1);

    assertThat(Life.only(effects, Effect.PublishOutcome.class)).isEmpty();
    assertThat(Life.only(effects, Effect.Dispatch.class).getFirst().attempt().number())
        .isEqualTo(2);
  }

  @Test
  void completesAnAttemptWhoseStartGotLost() {
    Life life = Life.accepted(Samples.MODEL);

    life.succeed(5);

    assertThat(life.outcome().getStatus()).isEqualTo(RequestStatus.COMPLETED);
  }

  @Test
  void dispatchesAgainWhatIdleWorkersHaveNotTaken() {
    Life life = Life.accepted(Samples.MODEL);
    life.cluster.pool = new PoolState(PoolState.Kind.IDLE, life.now);

    List<Effect> effects = life.advance(life.policy.lostDispatch());

    assertThat(Life.only(effects, Effect.Dispatch.class).getFirst().attempt())
        .isEqualTo(new Attempt(2, "east", Samples.MODEL, "big"));
  }

  @Test
  void leavesADispatchInTheQueueWhileWorkersAreBusy() {
    Life life = Life.accepted(Samples.MODEL);

    assertThat(life.advance(Duration.ofSeconds(50))).isEmpty();

    assertThat(life.state).isInstanceOf(Dispatched.class);
  }

  @Test
  void givesUpWhenNoWorkerServesTheProvider() {
    Life life = Life.accepted(Samples.MODEL);
    life.cluster.pool = new PoolState(PoolState.Kind.UNSERVED, life.now);

    assertThat(life.advance(Duration.ofSeconds(29))).isEmpty();
    life.advance(Duration.ofSeconds(1));

    assertThat(life.outcome().getErrorCode()).isEqualTo("unavailable");
    assertThat(life.outcome().getErrorMessage()).contains("east");
  }

  @Test
  void takesTheSameRouteAgainWhenADrainingWorkerHandsOver() {
    Life life = Life.streaming(Samples.MODEL);

    List<Effect> effects =
        life.report(
            Samples.failed(
                life.id, life.attempt(), 1, Samples.WORKER, life.now, ErrorCode.WORKER_LOST, true));

    Attempt second = Life.only(effects, Effect.Dispatch.class).getFirst().attempt();
    assertThat(second).isEqualTo(new Attempt(2, "east", Samples.MODEL, "big"));
  }

  @Test
  void givesUpARequestThatGetsLostAgainAndAgain() {
    Life life = Life.streaming(Samples.MODEL);
    life.cluster.lostWorkers.add(Samples.WORKER);

    for (int i = 0; i < life.policy.maxLosses(); i++) {
      life.advance(Duration.ofMillis(10));
      life.start(2 + i);
    }
    life.advance(Duration.ofMillis(10));

    assertThat(life.outcome().getErrorCode()).isEqualTo("attempts_exhausted");
    assertThat(life.outcome().getAttempts()).isEqualTo(1 + life.policy.maxLosses());
  }

  @Test
  void repeatsWhatTimeEndedWhenTheRequestIsTakenOver() {
    Life life = Life.accepted(Samples.MODEL);
    List<Effect> end = life.advance(Life.PATIENCE);

    List<Effect> repeated = life.resume();

    assertThat(repeated).isEqualTo(end.subList(0, 2));
  }

  @Test
  void dispatchesAnewWhatTimeDispatchedWhenTheRequestIsTakenOver() {
    Life life = Life.streaming(Samples.SINGLE);
    life.fail(1, ErrorCode.PROVIDER_UNAVAILABLE);
    life.advance(life.policy.backoff());

    List<Effect> effects = life.resume();

    assertThat(Life.only(effects, Effect.Dispatch.class).getFirst().attempt().number())
        .isEqualTo(3);
  }

  @Test
  void forgetsARequestSomeTimeAfterItsEnd() {
    Life life = Life.streaming(Samples.MODEL);
    life.succeed(1);

    life.advance(life.policy.repeatOutcome());

    assertThat(life.state).isNull();
    assertThat(life.start(9)).singleElement().isInstanceOf(Effect.SendCancel.class);
    assertThat(life.state).isNull();
  }

  @Test
  void goesBackToARunWhoseWorkerStillWritesAndCountsNoLoss() {
    Life life = Life.streaming(Samples.MODEL);
    Attempt first = life.attempt();
    life.cluster.lostWorkers.add(Samples.WORKER);
    life.advance(Duration.ofSeconds(3));
    life.report(Samples.started(life.id, life.attempt(), 2, "worker-2", life.now));

    List<Effect> effects = life.report(declined(life, 2, 1, 1));

    assertThat(effects).isEmpty();
    Streaming streaming = life.in(Streaming.class);
    assertThat(streaming.attempt()).isEqualTo(first);
    assertThat(streaming.run()).isEqualTo(new Run(1, Samples.WORKER, 1));
    assertThat(streaming.request().losses()).isZero();
    assertThat(life.advance(Duration.ofSeconds(2))).isEmpty();
    life.report(Samples.succeeded(life.id, first, 1, Samples.WORKER, life.now));
    assertThat(life.outcome().getStatus()).isEqualTo(RequestStatus.COMPLETED);
    assertThat(life.outcome().getBilled().getAttempt()).isEqualTo(1);
    assertThat(life.outcome().getUnbilled()).isEmpty();
  }

  @Test
  void takesOverForGoodWhenAWorkerThatWroteIsSilentForLonger() {
    Life life = Life.streaming(Samples.MODEL);
    life.cluster.lostWorkers.add(Samples.WORKER);
    life.advance(Duration.ofSeconds(3));
    life.report(declined(life, 2, 1, 1));

    List<Effect> effects = life.advance(Duration.ofMillis(3_100));

    assertThat(Life.only(effects, Effect.Dispatch.class).getFirst().attempt().number())
        .isEqualTo(3);
  }

  @Test
  void doesNotStopTheRunThatGoesOnWhenTheDeclinedAttemptIsStartedOnceMore() {
    Life life = Life.streaming(Samples.MODEL);
    Attempt first = life.attempt();
    life.cluster.lostWorkers.add(Samples.WORKER);
    life.advance(Duration.ofSeconds(3));
    Attempt second = life.attempt();
    life.report(declined(life, 2, 1, 1));

    List<Effect> effects = life.report(Samples.started(life.id, second, 9, "worker-3", life.now));

    assertThat(cancel(effects).getUpToAttempt()).isEqualTo(2);
    assertThat(cancel(effects).getExcept()).isEqualTo(1L);
    assertThat(life.in(Streaming.class).attempt()).isEqualTo(first);
  }

  @Test
  void staysWithTheModelThatHasSpokenWhenItsContinuationFails() {
    Life life = Life.streaming(Samples.MODEL);
    life.cluster.lostWorkers.add(Samples.WORKER);
    life.advance(Duration.ofSeconds(3));
    life.report(Samples.started(life.id, life.attempt(), 2, "worker-2", life.now));

    List<Effect> failed =
        life.report(
            Samples.failed(
                life.id,
                life.attempt(),
                2,
                "worker-2",
                life.now,
                ErrorCode.PROVIDER_UNAVAILABLE,
                false));
    assertThat(failed).isEmpty();
    List<Effect> effects = life.advance(life.policy.backoff());

    Effect.Dispatch third = Life.only(effects, Effect.Dispatch.class).getFirst();
    assertThat(third.attempt().provider()).isEqualTo("east");
    assertThat(third.predecessor()).isNotNull();
  }

  @Test
  void goesElsewhereWhenTheModelThatHasSpokenRefusesToContinue() {
    Life life = Life.streaming(Samples.MODEL);
    life.cluster.lostWorkers.add(Samples.WORKER);
    life.advance(Duration.ofSeconds(3));
    life.report(Samples.started(life.id, life.attempt(), 2, "worker-2", life.now));

    List<Effect> effects =
        life.report(
            Samples.failed(
                life.id,
                life.attempt(),
                2,
                "worker-2",
                life.now,
                ErrorCode.PROVIDER_REJECTED,
                false));

    Effect.Dispatch third = Life.only(effects, Effect.Dispatch.class).getFirst();
    assertThat(third.attempt().provider()).isEqualTo("west");
    assertThat(third.predecessor()).isNotNull();
  }

  @Test
  void endsARequestAtOnceThatIsCancelledBeforeAWorkerStartsIt() {
    Life life = Life.accepted(Samples.MODEL);

    List<Effect> effects = life.cancel(CancelReason.CLIENT_GONE);

    assertThat(life.outcome().getStatus()).isEqualTo(RequestStatus.CANCELLED);
    assertThat(life.outcome().getErrorCode()).isEqualTo("cancelled");
    assertThat(life.outcome().getBilled()).isNull();
    assertThat(cancel(effects).getUpToAttempt()).isEqualTo(1);
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
    Life life = notContinuing();
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
  void keepsTheCostOfTwoRunsOfOneAttemptApart() {
    Life life = Life.streaming(Samples.MODEL);
    life.start(2);
    Attempt attempt = life.attempt();
    life.report(
        Samples.event(
            life.id,
            attempt,
            2,
            Samples.WORKER,
            life.now,
            Samples.finished(
                AttemptOutcome.CANCELLED, ErrorCode.CANCELLED, false, Samples.usage(3, 4))));

    life.succeed(1);

    assertThat(life.outcome().getBilled().getClaim()).isEqualTo(1);
    assertThat(life.outcome().getUnbilled())
        .singleElement()
        .matches(cost -> cost.getClaim() == 2 && cost.getUsage().equals(Samples.usage(3, 4)));
  }

  @Test
  void saysThatTheDeadlineHasPassedWhateverAnAttemptFailedOf() {
    Life life = Life.streaming(Samples.MODEL);
    life.now = life.request.getDeadline();

    life.fail(1, ErrorCode.PROVIDER_UNAVAILABLE);

    assertThat(life.outcome().getErrorCode()).isEqualTo("deadline_exceeded");
  }

  @Test
  void treatsARequestByThePolicyOfItsModelAndNotByTheRoutersSettings() {
    Life life = new Life(Samples.MODEL);
    life.cluster.catalogue =
        Samples.catalogue(
            PolicyEntry.newBuilder()
                .setId("default")
                .setMaxAttempts(1)
                .setStallTimeoutMs(777L)
                .setContinueStreams(false)
                .setHoldToolCalls(true)
                .build());

    Effect.Dispatch dispatch = Life.only(life.accept(), Effect.Dispatch.class).getFirst();
    assertThat(dispatch.terms().timeouts().getStallMs()).isEqualTo(777);
    assertThat(dispatch.terms().timeouts().getConnectMs()).isEqualTo(10_000);
    ContinuationPolicy continuation = Objects.requireNonNull(dispatch.terms().continuation());
    assertThat(continuation.getAllowed()).isFalse();
    assertThat(continuation.getHoldToolCalls()).isTrue();
    life.start(1);
    life.fail(1, ErrorCode.PROVIDER_UNAVAILABLE);

    assertThat(life.outcome().getStatus()).isEqualTo(RequestStatus.FAILED);
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

  private static AttemptEvent declined(Life life, long claim, int predecessor, long of) {
    return Samples.event(
        life.id, life.attempt(), claim, "worker-2", life.now, new AttemptDeclined(predecessor, of));
  }

  private static Life notContinuing() {
    Life life = new Life(Samples.MODEL, Life.ENDING_STREAMS);
    life.accept();
    life.start(1);
    return life;
  }

  private static List<Effect> failWithRetryAfter(Life life, long millis) {
    AttemptFinished finished =
        AttemptFinished.newBuilder(
                Samples.finished(
                    AttemptOutcome.FAILED, ErrorCode.PROVIDER_RATE_LIMITED, false, null))
            .setRetryAfterMs(millis)
            .setHttpStatus(429)
            .build();
    return life.report(
        Samples.event(life.id, life.attempt(), 1, Samples.WORKER, life.now, finished));
  }

  private static dev.tokenbus.schemas.avro.AttemptEvent superseded(
      Life life, long claim, boolean delivered) {
    return Samples.event(
        life.id,
        life.attempt(),
        claim,
        "worker-2",
        life.now,
        Samples.finished(AttemptOutcome.SUPERSEDED, null, delivered, null));
  }

  private static Cancel cancel(List<Effect> effects) {
    return (Cancel) Life.only(effects, Effect.SendCancel.class).getFirst().control().getCommand();
  }
}
