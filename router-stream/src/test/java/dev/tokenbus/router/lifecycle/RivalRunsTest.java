package dev.tokenbus.router.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.router.lifecycle.RequestState.Dispatched;
import dev.tokenbus.router.lifecycle.RequestState.Streaming;
import dev.tokenbus.schemas.avro.AttemptOutcome;
import dev.tokenbus.schemas.avro.CancelReason;
import dev.tokenbus.schemas.avro.RequestStatus;
import dev.tokenbus.schemas.errors.ErrorCode;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Two runs of one attempt. */
class RivalRunsTest {
  @Test
  void stopsALateStarterOfAnAttemptThatHasASuccessor() {
    Life life = Life.streaming(Samples.MODEL);
    Attempt first = life.attempt();
    life.cluster.lostWorkers.add(Samples.WORKER);
    life.advance(Duration.ofSeconds(3));

    List<Effect> effects =
        life.report(Samples.started(life.id, first, 99, "worker-late", life.now));

    assertThat(Life.cancelIn(effects).getUpToAttempt()).isEqualTo(1);
    assertThat(Life.cancelIn(effects).getExcept()).isNull();
    assertThat(life.state).isInstanceOf(Dispatched.class);
  }

  @Test
  void stopsTheSecondStarterOfTheSameAttempt() {
    Life life = Life.streaming(Samples.MODEL);

    List<Effect> effects = life.start(2);

    assertThat(Life.cancelIn(effects).getReason()).isEqualTo(CancelReason.SUPERSEDED);
    assertThat(Life.cancelIn(effects).getExcept()).isEqualTo(1);
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
    assertThat(Life.cancelIn(effects).getExcept()).isNull();
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
  void saysThatTheDeadlineHasPassedWhereTwoRunsHaveWritten() {
    Life life = Life.notContinuing();
    life.start(2);
    life.now = life.request.getDeadline();

    life.report(superseded(life, 2, true));

    assertThat(life.outcome().getErrorCode()).isEqualTo("deadline_exceeded");
  }

  @Test
  void billsTheRunThatClientsSeeAndNotTheOneThatReports() {
    Life life = Life.notContinuing();
    life.start(2);
    life.finalReply =
        new FinalReply.NoAnswer(
            new FinalReply.Delivered(1, 1, "east", "big", Samples.usage(12, 34), 9));

    List<Effect> effects =
        life.report(
            Samples.event(
                life.id,
                life.attempt(),
                2,
                "worker-2",
                life.now,
                Samples.finished(AttemptOutcome.SUPERSEDED, null, true, Samples.usage(12, 4))));

    assertThat(Life.cancelIn(effects).getUpToAttempt()).isEqualTo(1);
    assertThat(life.outcome().getErrorCode()).isEqualTo("stream_broken");
    assertThat(life.outcome().getBilled().getClaim()).isEqualTo(1);
    assertThat(life.outcome().getBilled().getUsage().getOutput()).isEqualTo(34);
    assertThat(life.outcome().getUnbilled()).extracting("claim").containsExactly(2L);
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
}
