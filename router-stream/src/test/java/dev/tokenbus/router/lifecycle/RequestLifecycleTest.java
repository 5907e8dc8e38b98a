package dev.tokenbus.router.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.router.lifecycle.RequestState.Accepted;
import dev.tokenbus.router.lifecycle.RequestState.Dispatched;
import dev.tokenbus.runtime.catalogue.Catalogue;
import dev.tokenbus.schemas.avro.Rejected;
import dev.tokenbus.schemas.avro.RequestFinished;
import dev.tokenbus.schemas.avro.RequestStatus;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The ordinary life of a request, and what repeats of records change in it. */
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
  void forgetsARequestSomeTimeAfterItsEnd() {
    Life life = Life.streaming(Samples.MODEL);
    life.succeed(1);

    life.advance(life.policy.repeatOutcome());

    assertThat(life.state).isNull();
    assertThat(life.start(9)).singleElement().isInstanceOf(Effect.SendCancel.class);
    assertThat(life.state).isNull();
  }
}
