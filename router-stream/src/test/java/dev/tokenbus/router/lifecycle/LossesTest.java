package dev.tokenbus.router.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.router.lifecycle.RequestState.Dispatched;
import dev.tokenbus.router.lifecycle.RequestState.Streaming;
import dev.tokenbus.schemas.avro.AttemptDeclined;
import dev.tokenbus.schemas.avro.AttemptEvent;
import dev.tokenbus.schemas.avro.RequestStatus;
import dev.tokenbus.schemas.errors.ErrorCode;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What follows when a worker or a dispatch gets lost. */
class LossesTest {
  @Test
  void failsARequestWhoseWorkerDiesWhereStreamsDoNotGoOn() {
    Life life = Life.notContinuing();
    life.cluster.lostWorkers.add(Samples.WORKER);

    List<Effect> effects = life.advance(Duration.ofSeconds(3));

    assertThat(Life.only(effects, Effect.Dispatch.class)).isEmpty();
    assertThat(life.outcome().getErrorCode()).isEqualTo("worker_lost");
  }

  @Test
  void beginsAnewWhenADrainingWorkerHasDeliveredNothing() {
    Life life = Life.notContinuing();

    List<Effect> effects = life.fail(1, ErrorCode.WORKER_LOST);

    assertThat(Life.only(effects, Effect.Dispatch.class).getFirst().attempt())
        .isEqualTo(new Attempt(2, "east", Samples.MODEL, "big"));
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
  void readsTheEndOfARunThatReportedItBeforeItsSuccessorDeclined() {
    Life life = Life.streaming(Samples.MODEL);
    Attempt first = life.attempt();
    life.cluster.lostWorkers.add(Samples.WORKER);
    life.advance(Duration.ofSeconds(3));
    life.report(Samples.succeeded(life.id, first, 1, Samples.WORKER, life.now));
    AttemptEvent declined = declined(life, 2, 1, 1);

    List<Effect> effects = life.report(declined);

    Effect.Dispatch third = Life.only(effects, Effect.Dispatch.class).getFirst();
    assertThat(third.attempt()).isEqualTo(new Attempt(3, "east", Samples.MODEL, "big"));
    assertThat(third.predecessor()).as("a run that the worker looks out for").isNull();
    assertThat(life.report(declined)).as("repeated").isEqualTo(effects);
  }

  @Test
  void readsTheEndAlsoWhereTheSuccessorHadStartedBeforeItDeclined() {
    Life life = Life.streaming(Samples.MODEL);
    Attempt first = life.attempt();
    life.cluster.lostWorkers.add(Samples.WORKER);
    life.advance(Duration.ofSeconds(3));
    life.report(Samples.started(life.id, life.attempt(), 2, "worker-2", life.now));
    life.report(Samples.succeeded(life.id, first, 1, Samples.WORKER, life.now));

    List<Effect> effects = life.report(declined(life, 2, 1, 1));

    assertThat(Life.only(effects, Effect.Dispatch.class).getFirst().attempt().number())
        .isEqualTo(3);
    assertThat(life.in(Dispatched.class).predecessor()).isNull();
  }

  @Test
  void doesNotGoBackToAWorkerThatHasHandedOverThoughItsLastRecordsLookAlive() {
    Life life = Life.streaming(Samples.MODEL);
    life.report(
        Samples.failed(
            life.id, life.attempt(), 1, Samples.WORKER, life.now, ErrorCode.WORKER_LOST, true));

    List<Effect> effects = life.report(declined(life, 2, 1, 1));

    assertThat(Life.only(effects, Effect.Dispatch.class).getFirst().attempt().number())
        .isEqualTo(3);
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

    assertThat(Life.cancelIn(effects).getUpToAttempt()).isEqualTo(2);
    assertThat(Life.cancelIn(effects).getExcept()).isEqualTo(1L);
    assertThat(life.in(Streaming.class).attempt()).isEqualTo(first);
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
    life.advance(life.policy.stopping());

    assertThat(life.outcome().getErrorCode()).isEqualTo("unavailable");
    assertThat(life.outcome().getErrorMessage()).contains("east");
  }

  @Test
  void repeatsWhatTimeEndedWhenTheRequestIsTakenOver() {
    Life life = Life.accepted(Samples.MODEL);
    life.advance(Life.PATIENCE);
    List<Effect> end = life.advance(life.policy.stopping());

    List<Effect> repeated = life.resume();

    assertThat(repeated).isEqualTo(end).isNotEmpty();
  }

  @Test
  void repeatsADispatchThatTimeHadMadeHoweverOftenTheRequestIsTakenOver() {
    Life life = Life.streaming(Samples.SINGLE);
    life.fail(1, ErrorCode.PROVIDER_UNAVAILABLE);
    List<Effect> dispatch = life.advance(life.policy.backoff());

    for (int move = 0; move < 10; move++) {
      assertThat(life.resume()).isEqualTo(dispatch);
    }

    assertThat(life.in(Dispatched.class).attempt().number()).isEqualTo(2);
    assertThat(life.in(Dispatched.class).request().losses()).isZero();
  }

  private static AttemptEvent declined(Life life, long claim, int predecessor, long of) {
    return Samples.event(
        life.id, life.attempt(), claim, "worker-2", life.now, new AttemptDeclined(predecessor, of));
  }
}
