package dev.tokenbus.router.processing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.router.lifecycle.FinalReply;
import dev.tokenbus.router.lifecycle.Policy;
import dev.tokenbus.router.lifecycle.Samples;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Admitted;
import dev.tokenbus.schemas.avro.AttemptDispatched;
import dev.tokenbus.schemas.avro.BodyReference;
import dev.tokenbus.schemas.avro.Cancel;
import dev.tokenbus.schemas.avro.LogReference;
import dev.tokenbus.schemas.avro.PolicyEntry;
import dev.tokenbus.schemas.avro.Priority;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.RequestAccepted;
import dev.tokenbus.schemas.avro.RequestFinished;
import dev.tokenbus.schemas.avro.RequestStatus;
import dev.tokenbus.schemas.topics.Topic;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;

/** What the topology does with requests and reports. */
class RouterTopologyTest extends RouterDriven {
  private static final Topic WORK_EAST = RouterDriver.WORK_EAST;
  private static final Topic WORK_WEST = Topics.work("west", Priority.INTERACTIVE);
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final Duration TICK = RouterDriver.TICK;

  private final RequestId id = Samples.id(5, Samples.START);
  private final RequestAccepted request = Samples.request(id, Samples.MODEL, PATIENCE);

  @Test
  void putsAnAcceptedRequestOnTheWorkTopicOfItsProvider() {
    router.accept(request);

    TestRecord<String, AttemptDispatched> work = router.work(WORK_EAST).getFirst();
    assertThat(work.key()).isEqualTo(id.toString());
    assertThat(work.value().getAttempt()).isEqualTo(1);
    assertThat(work.value().getContent()).isEqualTo(request.getContent());
    assertThat(work.value().getUpstreamModel()).isEqualTo("big");
    assertThat(work.value().getTraceparent()).isEqualTo(request.getTraceparent());
    assertThat(work.value().getTimeouts().getConnectMs()).isEqualTo(10_000);
    TestRecord<String, Reply> reply = router.replies().getFirst();
    assertThat(reply.key()).isEqualTo(id.toString());
    assertThat(reply.value().getEvent()).isInstanceOf(Admitted.class);
  }

  @Test
  void concludesWhenTheWorkerHasSucceeded() {
    router.accept(request);
    AttemptDispatched work = router.work(WORK_EAST).getFirst().value();

    router.report(RouterDriver.started(work, 1));
    router.report(RouterDriver.succeeded(work, 1));

    TestRecord<String, RequestFinished> outcome = router.outcomes().getFirst();
    assertThat(outcome.key()).isEqualTo(Samples.TENANT);
    assertThat(outcome.value().getStatus()).isEqualTo(RequestStatus.COMPLETED);
    assertThat(outcome.value().getDispatchedAt()).isEqualTo(Samples.START);
    assertThat(outcome.value().getStartedAt()).isEqualTo(Samples.START);
  }

  @Test
  void repeatsOfEveryInputChangeNothing() {
    router.accept(request);
    AttemptDispatched work = router.work(WORK_EAST).getFirst().value();
    router.report(RouterDriver.started(work, 1));
    router.report(RouterDriver.started(work, 1));
    router.accept(request);
    assertThat(router.work(WORK_EAST)).isEmpty();
    router.report(RouterDriver.succeeded(work, 1));
    RequestFinished outcome = router.outcomes().getFirst().value();

    router.accept(request);
    router.report(RouterDriver.started(work, 1));
    router.report(RouterDriver.succeeded(work, 1));
    router.report(RouterDriver.succeeded(work, 1));

    assertThat(router.work(WORK_EAST)).isEmpty();
    assertThat(router.outcomes()).extracting(TestRecord::value).containsExactly(outcome, outcome);
    assertThat(router.controls())
        .extracting(control -> ((Cancel) control.value().getCommand()).getUpToAttempt())
        .containsExactly(1);
  }

  @Test
  void sendsARetryToTheRequestsRecordForTheBody() {
    router.accept(request);
    AttemptDispatched first = router.work(WORK_EAST).getFirst().value();
    router.report(RouterDriver.started(first, 1));

    router.report(RouterDriver.failed(first, 1));

    AttemptDispatched second = router.work(WORK_WEST).getFirst().value();
    assertThat(second.getAttempt()).isEqualTo(2);
    assertThat(second.getBody()).isNull();
    BodyReference body = (BodyReference) second.getContent();
    assertThat(body.getAt()).isEqualTo(new LogReference("requests", 0, 0L));
    assertThat(body.getSize())
        .isEqualTo(router.schemas.serializer().serialize("requests", request).length);
    assertThat(second.getTraceparent()).isEqualTo(request.getTraceparent());
    assertThat(second.getRendering()).isEqualTo(first.getRendering());
  }

  @Test
  void passesAReferenceToALargeBodyOn() {
    BodyReference large = new BodyReference(new LogReference("bodies", 2, 77L), 9_000_000L);
    router.accept(RequestAccepted.newBuilder(request).setContent(large).build());

    assertThat(router.work(WORK_EAST).getFirst().value().getContent()).isEqualTo(large);
  }

  @Test
  void servesARequestThatTheReleaseBeforeHasWritten() {
    RequestAccepted old = Samples.legacy(id, Samples.MODEL, PATIENCE, "Hello");
    router.accept(old);

    AttemptDispatched work = router.work(WORK_EAST).getFirst().value();
    assertThat(work.getBody()).isNull();
    assertThat(((BodyReference) work.getContent()).getAt().getTopic()).isEqualTo("requests");
    assertThat(work.getRendering().getModelAsked()).isEqualTo(Samples.MODEL);
    assertThat(work.getRendering().getStream()).isTrue();
    assertThat(work.getRendering().getIncludeUsage()).isTrue();
  }

  @Test
  void handsOverTheAttemptsOfALostWorkerAndOfNoOther() {
    router.accept(request);
    RequestId otherId = Samples.id(6, Samples.START);
    router.accept(Samples.request(otherId, Samples.MODEL, PATIENCE));
    List<TestRecord<String, AttemptDispatched>> work = router.work(WORK_EAST);
    router.report(RouterDriver.started(work.get(0).value(), 1));
    router.report(
        Samples.started(
            otherId, RouterDriver.attempt(work.get(1).value()), 2, "worker-2", Samples.START));

    router.cluster.lostWorkers.add(Samples.WORKER);
    router.pass(TICK);

    AttemptDispatched again = router.work(WORK_EAST).getFirst().value();
    assertThat(again.getRequestId()).isEqualTo(id.toString());
    assertThat(again.getAttempt()).isEqualTo(2);
    assertThat(again.getPredecessorClaim()).isEqualTo(1);
    assertThat(router.controls()).isEmpty();
    router.pass(Duration.ofSeconds(5));
    assertThat(router.work(WORK_EAST)).isEmpty();
  }

  @Test
  void putsWhatItCannotReadAsideWithTheReason() {
    router
        .driver
        .createInputTopic(Topics.REQUESTS.name(), new StringSerializer(), new ByteArraySerializer())
        .pipeInput("acme", new byte[] {9, 9, 9});

    assertThat(router.deadLetter().getFirst()).contains("Confluent wire format");
  }

  @Test
  void failsARequestThatNamesNoModelAnywhere() {
    router.accept(RequestAccepted.newBuilder(request).setModelAsked("").setBody(null).build());

    RequestFinished outcome = router.outcomes().getFirst().value();
    assertThat(outcome.getStatus()).isEqualTo(RequestStatus.FAILED);
    assertThat(outcome.getErrorCode()).isEqualTo("unreadable_request");
    assertThat(outcome.getBilled()).isNull();
    assertThat(router.work(WORK_EAST)).isEmpty();
    assertThat(router.deadLetter()).isEmpty();
  }

  @Test
  void putsARequestWithoutAProperIdAsideAndGoesOn() {
    RequestAccepted nonsense =
        RequestAccepted.newBuilder(request).setRequestId("not-an-id").build();

    router.accept(nonsense);
    router.accept(request);

    assertThat(router.deadLetter()).singleElement().asString().contains("not-an-id");
    assertThat(router.work(WORK_EAST)).hasSize(1);
  }

  @Test
  void concludesWhatTheLogSaysWhereTheWorkerDoesNot() {
    router.accept(request);
    router.report(RouterDriver.started(router.work(WORK_EAST).getFirst().value(), 1));
    router.finalReply =
        new FinalReply.Answer(
            1, 1, "east", "big-2026", Samples.usage(3, 4), "req", "stop", 55, Samples.START);

    router.pass(PATIENCE.plus(TICK));
    router.pass(Policy.DEFAULT.stopping().plus(TICK));

    RequestFinished outcome = router.outcomes().getFirst().value();
    assertThat(outcome.getStatus()).isEqualTo(RequestStatus.COMPLETED);
    assertThat(outcome.getErrorCode()).isNull();
    assertThat(outcome.getBilled().getUsage().getOutput()).isEqualTo(4);
    assertThat(outcome.getBilled().getModel()).isEqualTo(Samples.MODEL);
    assertThat(outcome.getBilled().getFinishReason()).isEqualTo("stop");
  }

  @Test
  void writesTheOutputCapOfThePolicyIntoTheDispatch() {
    router.cluster.catalogue =
        Samples.catalogue(
            PolicyEntry.newBuilder().setId("default").setMaxOutputTokens(500L).build());

    router.accept(request);

    assertThat(router.work(WORK_EAST).getFirst().value().getMaxOutputTokens()).isEqualTo(500);
  }
}
