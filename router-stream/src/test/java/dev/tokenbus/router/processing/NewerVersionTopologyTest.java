package dev.tokenbus.router.processing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.router.lifecycle.IdempotencyKey;
import dev.tokenbus.router.lifecycle.Samples;
import dev.tokenbus.router.store.NewerState;
import dev.tokenbus.router.store.StateKey;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.AttemptDispatched;
import dev.tokenbus.schemas.avro.Failed;
import dev.tokenbus.schemas.avro.RequestAccepted;
import dev.tokenbus.schemas.avro.RequestFinished;
import dev.tokenbus.schemas.avro.RequestStatus;
import dev.tokenbus.schemas.topics.Topic;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Duration;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueStore;
import org.junit.jupiter.api.Test;

/** What a newer version has written, on topics and in the store. */
class NewerVersionTopologyTest extends RouterDriven {
  private static final Topic WORK_EAST = RouterDriver.WORK_EAST;
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final Duration TICK = RouterDriver.TICK;

  private final RequestId id = Samples.id(5, Samples.START);
  private final RequestAccepted request = Samples.request(id, Samples.MODEL, PATIENCE);

  @Test
  void failsARequestThatANewerVersionHasWritten() {
    byte[] bytes =
        NewerRecords.newer(
            router,
            Topics.REQUESTS,
            "content",
            request,
            record -> record.put("content", NewerRecords.future(record, "content")));
    router
        .driver
        .createInputTopic(Topics.REQUESTS.name(), new StringSerializer(), new ByteArraySerializer())
        .pipeInput("acme", bytes);

    RequestFinished outcome = router.outcomes().getFirst().value();
    assertThat(outcome.getStatus()).isEqualTo(RequestStatus.FAILED);
    assertThat(outcome.getErrorCode()).isEqualTo("unreadable_request");
    assertThat(outcome.getTenant()).isEqualTo(Samples.TENANT);
    assertThat(outcome.getTeam()).isEqualTo("team");
    assertThat(outcome.getAcceptedAt()).isEqualTo(request.getAcceptedAt());
    assertThat(outcome.getBilled()).isNull();
    assertThat(outcome.getUnbilled()).isEmpty();
    assertThat(router.replies())
        .singleElement()
        .matches(r -> r.value().getEvent() instanceof Failed);
    assertThat(router.work(WORK_EAST)).isEmpty();
    assertThat(router.deadLetter()).isEmpty();
  }

  @Test
  void supervisesARequestWhoseReportANewerVersionHasWritten() {
    router.accept(request);
    AttemptDispatched work = router.work(WORK_EAST).getFirst().value();
    router.report(RouterDriver.started(work, 1));
    byte[] bytes =
        NewerRecords.newer(
            router,
            Topics.ATTEMPTS,
            "event",
            RouterDriver.succeeded(work, 1),
            record -> record.put("event", NewerRecords.future(record, "event")));
    router
        .driver
        .createInputTopic(Topics.ATTEMPTS.name(), new StringSerializer(), new ByteArraySerializer())
        .pipeInput("acme", bytes);

    assertThat(router.deadLetter()).singleElement().asString().contains("newer version");
    router.cluster.lostWorkers.add(Samples.WORKER);
    router.pass(TICK);
    assertThat(router.work(WORK_EAST)).singleElement().matches(w -> w.value().getAttempt() == 2);
  }

  @Test
  void leavesAStateOfANewerVersionAsItIsAndGoesOn() {
    KeyValueStore<Bytes, byte[]> store = router.driver.getKeyValueStore(RouterTopology.STORE);
    Bytes key = new StateKey.OfRequest(id).encoded();
    byte[] newer = NewerState.reserved(outcomeSoFar(), Samples.START);
    NewerState.leaveSchemas(store);
    store.put(key, newer);

    router.accept(request);
    router.pass(PATIENCE.plusSeconds(5));
    router.accept(
        Samples.request(Samples.id(6, Samples.START.plusSeconds(65)), Samples.MODEL, PATIENCE));

    assertThat(router.work(WORK_EAST)).hasSize(1);
    assertThat(store.get(key)).isEqualTo(newer);
    assertThat(router.outcomes()).isEmpty();
  }

  @Test
  void failsARequestWhoseKeyBelongsToWhatANewerVersionHasWritten() {
    KeyValueStore<Bytes, byte[]> store = router.driver.getKeyValueStore(RouterTopology.STORE);
    Bytes key = new StateKey.OfIdempotency(new IdempotencyKey(Samples.TENANT, "once")).encoded();
    byte[] newer = NewerState.owner();
    NewerState.leaveSchemas(store);
    store.put(key, newer);

    router.accept(Samples.underKey(request, "once", 0));

    RequestFinished outcome = router.outcomes().getFirst().value();
    assertThat(outcome.getStatus()).isEqualTo(RequestStatus.FAILED);
    assertThat(outcome.getErrorCode()).isEqualTo("unreadable_request");
    assertThat(outcome.getBilled()).isNull();
    assertThat(router.replies())
        .singleElement()
        .matches(r -> r.value().getEvent() instanceof Failed);
    assertThat(router.work(WORK_EAST)).isEmpty();
    assertThat(store.get(key)).isEqualTo(newer);
    router.accept(Samples.underKey(request, "once", 0));
    assertThat(router.outcomes()).singleElement().matches(o -> o.value().equals(outcome));
  }

  private byte[] outcomeSoFar() {
    RequestFinished outcome =
        RequestFinished.newBuilder()
            .setRequestId(id.toString())
            .setTenant(Samples.TENANT)
            .setKeyId("key")
            .setProtocol(request.getProtocol())
            .setModelAsked(Samples.MODEL)
            .setPriority(request.getPriority())
            .setStatus(RequestStatus.UNKNOWN)
            .setAcceptedAt(Samples.START)
            .setFinishedAt(Samples.START)
            .setAttempts(0)
            .build();
    return router.schemas.serializer().serialize(Topics.OUTCOMES.name(), outcome);
  }
}
