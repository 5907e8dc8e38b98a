package dev.tokenbus.router.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.router.lifecycle.RequestState.Closing;
import dev.tokenbus.router.lifecycle.RequestState.Dispatched;
import dev.tokenbus.schemas.avro.AttemptOutcome;
import dev.tokenbus.schemas.avro.BilledAttempt;
import dev.tokenbus.schemas.avro.CancelReason;
import dev.tokenbus.schemas.avro.RequestStatus;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.avro.UnbilledAttempt;
import dev.tokenbus.schemas.avro.UsageSource;
import dev.tokenbus.schemas.errors.ErrorCode;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * A request ends before the start of its attempt has been read: a command to cancel comes another
 * way than the workers' reports, and may overtake them.
 */
class UnheardStartsTest {
  @Test
  void billsTheRunThatHadBegunWhenTheCommandToCancelOvertookItsStart() {
    Life life = Life.accepted(Samples.MODEL);
    life.finalReply = delivered(8);

    List<Effect> atOnce = life.cancel(CancelReason.CLIENT_GONE);
    assertThat(Life.only(atOnce, Effect.SendReply.class)).hasSize(1);
    assertThat(Life.only(atOnce, Effect.PublishOutcome.class)).isEmpty();
    assertThat(Life.cancelIn(life.start(1)).getUpToAttempt()).isEqualTo(1);
    life.cancelled(1, true);

    assertThat(life.outcome().getStatus()).isEqualTo(RequestStatus.CANCELLED);
    BilledAttempt billed = life.outcome().getBilled();
    assertThat(billed.getClaim()).isEqualTo(1);
    assertThat(billed.getUsage().getOutput()).isEqualTo(8);
    assertThat(billed.getProviderUsage()).isEqualTo(Samples.usage(5, 6));
    assertThat(life.outcome().getUnbilled()).isEmpty();
  }

  @Test
  void billsWhatTheLogHoldsOfARunThatReportsItsStartAndNothingElse() {
    Life life = Life.accepted(Samples.MODEL);
    life.finalReply = delivered(8);
    life.cancel(CancelReason.CLIENT_GONE);
    life.start(1);

    life.advance(Terminations.CANCEL_REPORT);

    assertThat(life.outcome().getBilled().getUsage().getOutput()).isEqualTo(8);
  }

  @Test
  void namesARunThatHadBegunAndDeliveredNothingAsACostThatIsNotKnown() {
    Life life = Life.accepted(Samples.MODEL);
    life.cancel(CancelReason.CLIENT_GONE);
    life.start(1);

    life.advance(Terminations.CANCEL_REPORT);

    assertThat(life.outcome().getBilled()).isNull();
    assertThat(life.outcome().getUnbilled())
        .extracting(UnbilledAttempt::getOutcome)
        .containsExactly(AttemptOutcome.UNKNOWN);
  }

  @Test
  void readsNothingWhereNobodyReportsAStart() {
    Life life = Life.accepted(Samples.MODEL);
    List<Effect> atOnce = life.cancel(CancelReason.CLIENT_GONE);

    List<Effect> effects = life.advance(Terminations.CANCEL_REPORT);

    assertThat(atOnce).noneMatch(effect -> effect instanceof Effect.FindFinalReply);
    assertThat(effects).noneMatch(effect -> effect instanceof Effect.FindFinalReply);
    assertThat(Life.only(effects, Effect.PublishOutcome.class)).hasSize(1);
    assertThat(life.outcome().getStatus()).isEqualTo(RequestStatus.CANCELLED);
    assertThat(life.outcome().getBilled()).isNull();
  }

  @Test
  void billsARunWhoseStartIsReadBehindTheDeadline() {
    Life life = Life.accepted(Samples.MODEL);
    life.finalReply = delivered(8);
    life.advance(Life.PATIENCE);
    life.start(1);

    life.advance(life.policy.stopping());

    assertThat(life.outcome().getErrorCode()).isEqualTo("deadline_exceeded");
    assertThat(life.outcome().getBilled().getUsage().getOutput()).isEqualTo(8);
  }

  @Test
  void readsTheLogAtOnceWhereAnEarlierAttemptHadBegun() {
    Life life = Life.streaming(Samples.MODEL);
    life.fail(1, ErrorCode.PROVIDER_UNAVAILABLE);
    assertThat(life.state).isInstanceOf(Dispatched.class);

    List<Effect> effects = life.cancel(CancelReason.CLIENT_GONE);

    assertThat(Life.only(effects, Effect.FindFinalReply.class)).hasSize(1);
    assertThat(life.outcome().getStatus()).isEqualTo(RequestStatus.CANCELLED);
  }

  @Test
  void saysAllOfItAgainWhenTheRequestIsTakenOver() {
    Life life = Life.accepted(Samples.MODEL);
    List<Effect> atOnce = life.cancel(CancelReason.DEADLINE);

    List<Effect> repeated = life.resume();

    assertThat(Life.only(repeated, Effect.SendReply.class))
        .isEqualTo(Life.only(atOnce, Effect.SendReply.class));
    assertThat(Life.cancelIn(repeated).getUpToAttempt()).isEqualTo(1);
    assertThat(life.state).isInstanceOf(Closing.class);
  }

  @Test
  void givesTheIdempotencyKeyFreeAtOnceAndTakesItBackForAnAnswer() {
    Life.Key key = new Life.Key();
    Life life =
        new Life(
            Samples.underKey(
                Samples.request(Samples.id(1, Samples.START), Samples.MODEL, Life.PATIENCE),
                "once",
                0),
            Life.POSITION,
            Policy.DEFAULT,
            key);
    life.accept();
    life.finalReply = delivered(8);

    life.cancel(CancelReason.CLIENT_GONE);
    assertThat(key.owner).isNull();
    life.start(1);
    life.advance(Duration.ofSeconds(10));

    assertThat(key.owned().request()).isEqualTo(life.id);
  }

  private static FinalReply delivered(long output) {
    return new FinalReply.NoAnswer(
        new FinalReply.Delivered(
            1,
            1,
            "east",
            "big",
            TokenUsage.newBuilder().setOutput(output).setSource(UsageSource.ESTIMATE).build(),
            7));
  }
}
