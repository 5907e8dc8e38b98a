package dev.tokenbus.router.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.router.lifecycle.RequestState.Admitted;
import dev.tokenbus.router.lifecycle.RequestState.Dispatched;
import dev.tokenbus.schemas.avro.AttemptFinished;
import dev.tokenbus.schemas.avro.AttemptOutcome;
import dev.tokenbus.schemas.avro.Failed;
import dev.tokenbus.schemas.avro.RequestStatus;
import dev.tokenbus.schemas.avro.UnbilledAttempt;
import dev.tokenbus.schemas.errors.ErrorCode;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What follows when an attempt fails. */
class RetriesTest {
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
    Life life = Life.notContinuing();

    life.report(
        Samples.failed(
            life.id, life.attempt(), 1, Samples.WORKER, life.now, ErrorCode.STALLED, true));

    assertThat(life.outcome().getErrorCode()).isEqualTo("stream_broken");
    assertThat(life.outcome().getErrorMessage()).contains("stalled");
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
}
