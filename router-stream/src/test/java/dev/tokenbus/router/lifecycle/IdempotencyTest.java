package dev.tokenbus.router.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.router.lifecycle.RequestState.Dispatched;
import dev.tokenbus.router.lifecycle.RequestState.Ended;
import dev.tokenbus.schemas.avro.Attached;
import dev.tokenbus.schemas.avro.Rejected;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.RequestFinished;
import dev.tokenbus.schemas.avro.RequestStatus;
import dev.tokenbus.schemas.errors.ErrorCode;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class IdempotencyTest {
  private static final Duration DAY = Policy.DEFAULT.idempotency();

  private final Life.Key key = new Life.Key();
  private final Life first = request(1, 0);

  @Test
  void theFirstRequestUnderAKeyRunsAndOwnsIt() {
    first.accept();

    assertThat(first.state).isInstanceOf(Dispatched.class);
    assertThat(key.owner).isEqualTo(new IdempotencyEntry(first.id, 1, "010200", null));
  }

  @Test
  void aRepeatIsAnsweredWithTheAnswerOfTheRequestThatRuns() {
    first.accept();
    Life repeat = request(2, 0);

    List<Effect> effects = repeat.accept();

    assertAttachedToFirst(repeat, effects);
    assertThat(key.owned().request()).isEqualTo(first.id);
  }

  @Test
  void aRepeatIsAnsweredWithTheAnswerOfTheRequestThatHasRun() {
    first.accept();
    first.start(1);
    first.succeed(1);
    Life repeat = request(2, 0);

    assertAttachedToFirst(repeat, repeat.accept());
  }

  @Test
  void aRepeatIsAnsweredWithWhatWasProducedAndBilledBeforeACancellation() {
    first.accept();
    first.start(1);
    first.cancelled(1, true);
    Life repeat = request(2, 0);

    assertAttachedToFirst(repeat, repeat.accept());
  }

  @Test
  void anotherBodyUnderTheSameKeyIsRefused() {
    first.accept();
    Life other = request(2, 1);

    List<Effect> effects = other.accept();

    Reply reply = ((Effect.SendReply) effects.getFirst()).reply();
    assertThat(((Rejected) reply.getEvent()).getCode()).isEqualTo("idempotency_conflict");
    assertThat(other.outcome().getStatus()).isEqualTo(RequestStatus.REJECTED);
    assertThat(other.outcome().getErrorCode()).isEqualTo("idempotency_conflict");
    assertThat(key.owned().request()).isEqualTo(first.id);
  }

  @Test
  void aRequestThatFailedBeforeAnyOutputGivesItsKeyFree() {
    first.accept();
    first.start(1);
    first.fail(1, ErrorCode.CONTEXT_LENGTH_EXCEEDED);
    assertThat(key.owner).isNull();
    Life retry = request(2, 0);

    retry.accept();

    assertThat(retry.state).isInstanceOf(Dispatched.class);
    assertThat(key.owned().request()).isEqualTo(retry.id);
  }

  @Test
  void aRequestThatWasRejectedGivesItsKeyFreeAlsoForAnotherBody() {
    Life rejected = new Life(underKey(1, "gpt-nonesuch", 0), position(1), Policy.DEFAULT, key);
    rejected.accept();
    assertThat(key.owner).isNotNull();
    rejected.advance(rejected.policy.catalogueGrace());
    Life retry = request(2, 1);

    retry.accept();

    assertThat(retry.state).isInstanceOf(Dispatched.class);
  }

  @Test
  void theSameRequestReadAgainIsNoRepeatOfItself() {
    List<Effect> effects = first.accept();

    assertThat(first.accept()).isEqualTo(effects);
    first.start(1);
    first.succeed(1);
    IdempotencyEntry owner = key.owner;
    assertThat(first.accept()).isEmpty();
    assertThat(key.owner).isEqualTo(owner);
  }

  @Test
  void aRepeatReadAgainGetsTheSameAnswerEvenIfTheKeyHasBecomeFreeSince() {
    first.accept();
    first.start(1);
    Life repeat = request(2, 0);
    List<Effect> effects = repeat.accept();
    first.fail(1, ErrorCode.CONTEXT_LENGTH_EXCEEDED);

    assertThat(repeat.accept()).isEqualTo(effects);
    assertThat(key.owner).isNull();
  }

  @Test
  void aRequestThatIsRefusedForItsAgeDoesNotLoseTheKeyItEarned() {
    first.accept();
    first.start(1);
    first.succeed(1);
    IdempotencyEntry owner = key.owner;
    first.state = null;
    first.now = first.request.getDeadline();

    first.accept();

    assertThat(first.outcome().getErrorCode()).isEqualTo("deadline_exceeded");
    assertThat(key.owner).isEqualTo(owner);
  }

  @Test
  void theKeyIsFreeADayAfterTheRequestWasAccepted() {
    first.accept();
    first.now = first.now.plusSeconds(20);
    first.start(1);
    first.succeed(1);

    assertThat(key.owned().until()).isEqualTo(Samples.START.plus(DAY));
    assertThat(key.owned().holds(Samples.START.plus(DAY).minusMillis(1))).isTrue();
    Life later = Life.at(Samples.START.plus(DAY), 2, underKey(2, Samples.MODEL, 1), key);
    later.accept();
    assertThat(later.state).isInstanceOf(Dispatched.class);
    assertThat(key.owned().request()).isEqualTo(later.id);
  }

  @Test
  void theKeyIsHeldToTheEndHoweverLongTheRequestRuns() {
    Policy brief = Life.withIdempotency(Duration.ofMillis(10));
    Life patient = new Life(underKey(1, Samples.MODEL, 0), position(1), brief, key);
    patient.accept();
    patient.now = patient.now.plusSeconds(30);
    patient.start(1);
    Life repeat = request(2, 0);
    repeat.now = patient.now;

    assertThat(Life.only(repeat.accept(), Effect.Dispatch.class)).isEmpty();
    patient.succeed(1);

    assertThat(key.owned().until()).isEqualTo(patient.now);
  }

  @Test
  void whatACrashHasTakenOfTheKeyComesBackWithTheEventThatComesAgain() {
    first.accept();
    IdempotencyEntry owner = key.owner;

    key.owner = null;
    first.accept();
    assertThat(key.owner).isEqualTo(owner);

    first.start(1);
    first.fail(1, ErrorCode.CONTEXT_LENGTH_EXCEEDED);
    key.owner = owner;
    first.fail(1, ErrorCode.CONTEXT_LENGTH_EXCEEDED);
    assertThat(key.owner).isNull();
  }

  @Test
  void anEarlierOwnerThatIsHeardOfAgainDoesNotTakeTheKeyFromALaterOne() {
    first.accept();
    RequestState running = first.state;
    first.start(1);
    first.fail(1, ErrorCode.CONTEXT_LENGTH_EXCEEDED);
    Life retry = request(2, 0);
    retry.accept();
    IdempotencyEntry owner = key.owner;

    first.state = running;
    first.accept();

    assertThat(key.owner).isEqualTo(owner);
  }

  private void assertAttachedToFirst(Life repeat, List<Effect> effects) {
    assertThat(effects).hasSize(2);
    Reply reply = ((Effect.SendReply) effects.get(0)).reply();
    assertThat(reply.getAttempt()).isZero();
    assertThat(reply.getClaim()).isZero();
    assertThat(reply.getSequence()).isZero();
    Attached attached = (Attached) reply.getEvent();
    assertThat(attached.getRequestId()).isEqualTo(first.id.toString());
    assertThat(attached.getRendering().getTenant()).isEqualTo(Samples.TENANT);
    assertThat(attached.getRendering().getIncludeUsage()).isTrue();
    assertThat(repeat.state).isInstanceOf(Ended.class);
    RequestFinished outcome = repeat.outcome();
    assertThat(((Effect.PublishOutcome) effects.get(1)).finished()).isEqualTo(outcome);
    assertThat(outcome.getStatus()).isEqualTo(RequestStatus.REJECTED);
    assertThat(outcome.getErrorCode()).isEqualTo("idempotent_repeat");
    assertThat(outcome.getBilled()).isNull();
    assertThat(outcome.getAttempts()).isZero();
  }

  private Life request(int number, int body) {
    return new Life(underKey(number, Samples.MODEL, body), position(number), Policy.DEFAULT, key);
  }

  private static dev.tokenbus.schemas.avro.RequestAccepted underKey(
      int number, String model, int body) {
    return Samples.underKey(
        Samples.request(Samples.id(number, Samples.START), model, Life.PATIENCE), "once", body);
  }

  private static LogPosition position(int number) {
    return new LogPosition(0, number, 512);
  }
}
