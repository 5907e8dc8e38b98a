package dev.tokenbus.router.processing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.router.RegistryFixture;
import dev.tokenbus.router.lifecycle.FakeClusterView;
import dev.tokenbus.router.lifecycle.FinalReply;
import dev.tokenbus.router.lifecycle.IdempotencyKey;
import dev.tokenbus.router.lifecycle.LogPosition;
import dev.tokenbus.router.lifecycle.Policy;
import dev.tokenbus.router.lifecycle.RequestLifecycle;
import dev.tokenbus.router.lifecycle.Samples;
import dev.tokenbus.router.state.StoredEntry;
import dev.tokenbus.router.state.StoredKeyOwner;
import dev.tokenbus.router.store.StateCodec;
import dev.tokenbus.router.streams.UnprocessableRecordHandler;
import dev.tokenbus.router.streams.UnreadableRecordHandler;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Admitted;
import dev.tokenbus.schemas.avro.Attached;
import dev.tokenbus.schemas.avro.AttemptDispatched;
import dev.tokenbus.schemas.avro.AttemptEvent;
import dev.tokenbus.schemas.avro.Cancel;
import dev.tokenbus.schemas.avro.CancelReason;
import dev.tokenbus.schemas.avro.Control;
import dev.tokenbus.schemas.avro.Priority;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.RequestAccepted;
import dev.tokenbus.schemas.avro.RequestFinished;
import dev.tokenbus.schemas.avro.RequestStatus;
import dev.tokenbus.schemas.errors.ErrorCode;
import dev.tokenbus.schemas.serde.SchemaRegistry;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.Topic;
import dev.tokenbus.schemas.topics.Topics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RouterTopologyTest {
  private static final Topic WORK_EAST = Topics.work("east", Priority.INTERACTIVE);
  private static final Topic WORK_WEST = Topics.work("west", Priority.INTERACTIVE);
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final Duration TICK = Duration.ofMillis(100);

  private final FakeClusterView cluster = new FakeClusterView();
  private final Map<LogPosition, RequestAccepted> log = new HashMap<>();
  private final RequestId id = Samples.id(5, Samples.START);
  private final RequestAccepted request = Samples.request(id, Samples.MODEL, PATIENCE);
  private RegistryFixture fixture;
  private SchemaRegistry registry;
  private TopicSchemas schemas;
  private TopologyTestDriver driver;
  private TestInputTopic<String, SpecificRecord> requests;
  private TestInputTopic<String, SpecificRecord> attempts;
  private boolean bodiesAway;
  private FinalReply finalReply = new FinalReply.NoAnswer();

  @BeforeEach
  void start() throws IOException {
    fixture = RegistryFixture.start();
    registry = fixture.client();
    List<Topic> topics = new ArrayList<>(Topics.all());
    topics.add(WORK_EAST);
    topics.add(WORK_WEST);
    schemas = new TopicSchemas(registry).resolve(topics);
    StateCodec codec =
        new StateCodec(schemas.serde(RequestFinished.class), schemas.serde(Reply.class));
    RequestLifecycle lifecycle = new RequestLifecycle(Policy.DEFAULT, cluster);
    Properties properties = new Properties();
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "test");
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "127.0.0.1:1");
    properties.put(
        StreamsConfig.DESERIALIZATION_EXCEPTION_HANDLER_CLASS_CONFIG,
        UnreadableRecordHandler.class);
    properties.put(
        StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG, UnprocessableRecordHandler.class);
    properties.put(StreamsConfig.ERRORS_DEAD_LETTER_QUEUE_TOPIC_NAME_CONFIG, "router.dlq");
    driver =
        new TopologyTestDriver(
            RouterTopology.build(
                schemas,
                () ->
                    new RequestProcessor(
                        lifecycle, cluster, this::body, this::find, codec, Duration.ofSeconds(2))),
            properties,
            Samples.START);
    requests =
        driver.createInputTopic(
            Topics.REQUESTS.name(), new StringSerializer(), schemas.serializer());
    attempts =
        driver.createInputTopic(
            Topics.ATTEMPTS.name(), new StringSerializer(), schemas.serializer());
  }

  @AfterEach
  void stop() {
    driver.close();
    registry.close();
    fixture.close();
  }

  @Test
  void putsAnAcceptedRequestOnTheWorkTopicOfItsProvider() {
    accept(request);

    TestRecord<String, AttemptDispatched> work = work(WORK_EAST).getFirst();
    assertThat(work.key()).isEqualTo(id.toString());
    assertThat(work.value().getAttempt()).isEqualTo(1);
    assertThat(work.value().getBody()).isEqualTo(request.getBody());
    assertThat(work.value().getUpstreamModel()).isEqualTo("big");
    assertThat(work.value().getTraceparent()).isEqualTo(request.getTraceparent());
    assertThat(work.value().getTimeouts().getConnectMs()).isEqualTo(10_000);
    TestRecord<String, Reply> reply = replies().getFirst();
    assertThat(reply.key()).isEqualTo(id.toString());
    assertThat(reply.value().getEvent()).isInstanceOf(Admitted.class);
  }

  @Test
  void concludesWhenTheWorkerHasSucceeded() {
    accept(request);
    AttemptDispatched work = work(WORK_EAST).getFirst().value();

    report(started(work, 1));
    report(succeeded(work, 1));

    TestRecord<String, RequestFinished> outcome = outcomes().getFirst();
    assertThat(outcome.key()).isEqualTo(Samples.TENANT);
    assertThat(outcome.value().getStatus()).isEqualTo(RequestStatus.COMPLETED);
    assertThat(outcome.value().getDispatchedAt()).isEqualTo(Samples.START);
    assertThat(outcome.value().getStartedAt()).isEqualTo(Samples.START);
  }

  @Test
  void repeatsOfEveryInputChangeNothing() {
    accept(request);
    AttemptDispatched work = work(WORK_EAST).getFirst().value();
    report(started(work, 1));
    report(started(work, 1));
    accept(request);
    assertThat(work(WORK_EAST)).isEmpty();
    report(succeeded(work, 1));
    RequestFinished outcome = outcomes().getFirst().value();

    accept(request);
    report(started(work, 1));
    report(succeeded(work, 1));
    report(succeeded(work, 1));

    assertThat(work(WORK_EAST)).isEmpty();
    assertThat(outcomes()).extracting(TestRecord::value).containsExactly(outcome, outcome);
    assertThat(controls())
        .extracting(control -> ((Cancel) control.value().getCommand()).getUpToAttempt())
        .containsExactly(1);
  }

  @Test
  void takesTheBodyOfARetryFromTheLog() {
    accept(request);
    AttemptDispatched first = work(WORK_EAST).getFirst().value();
    report(started(first, 1));

    report(failed(first, 1));

    AttemptDispatched second = work(WORK_WEST).getFirst().value();
    assertThat(second.getAttempt()).isEqualTo(2);
    assertThat(second.getBody()).isEqualTo(request.getBody());
  }

  @Test
  void waitsForTheBodyWhenTheLogCannotBeRead() {
    accept(request);
    AttemptDispatched first = work(WORK_EAST).getFirst().value();
    report(started(first, 1));
    bodiesAway = true;
    report(failed(first, 1));
    pass(Duration.ofSeconds(3));
    assertThat(work(WORK_WEST)).isEmpty();

    bodiesAway = false;
    pass(Duration.ofMillis(600));

    assertThat(work(WORK_WEST)).hasSize(1);
  }

  @Test
  void failsAtTheDeadline() {
    accept(request);

    pass(PATIENCE.plus(TICK));

    assertThat(outcomes().getFirst().value().getErrorCode()).isEqualTo("deadline_exceeded");
    assertThat(controls()).extracting(TestRecord::key).containsExactly(id.toString());
    assertThat(replies()).extracting(reply -> reply.value().getAttempt()).containsExactly(0, 2);
  }

  @Test
  void concludesWhatTheLogSaysWhereTheWorkerDoesNot() {
    accept(request);
    report(started(work(WORK_EAST).getFirst().value(), 1));
    finalReply =
        new FinalReply.Answer(
            1, "east", "big-2026", Samples.usage(3, 4), "req", "stop", 55, Samples.START);

    pass(PATIENCE.plus(TICK));
    pass(Policy.DEFAULT.stopping().plus(TICK));

    RequestFinished outcome = outcomes().getFirst().value();
    assertThat(outcome.getStatus()).isEqualTo(RequestStatus.COMPLETED);
    assertThat(outcome.getErrorCode()).isNull();
    assertThat(outcome.getBilled().getUsage().getOutput()).isEqualTo(4);
    assertThat(outcome.getBilled().getModel()).isEqualTo(Samples.MODEL);
    assertThat(outcome.getBilled().getFinishReason()).isEqualTo("stop");
  }

  @Test
  void tellsTimeEvenWhenNoRecordComes() {
    accept(Samples.request(id, "gpt-nonesuch", PATIENCE));
    assertThat(outcomes()).isEmpty();

    pass(Duration.ofMillis(1_100));

    assertThat(outcomes().getFirst().value().getStatus()).isEqualTo(RequestStatus.REJECTED);
  }

  @Test
  void handsOverTheAttemptsOfALostWorkerAndOfNoOther() {
    accept(request);
    RequestId otherId = Samples.id(6, Samples.START);
    accept(Samples.request(otherId, Samples.MODEL, PATIENCE));
    List<TestRecord<String, AttemptDispatched>> work = work(WORK_EAST);
    report(started(work.get(0).value(), 1));
    report(Samples.started(otherId, attempt(work.get(1).value()), 2, "worker-2", Samples.START));

    cluster.lostWorkers.add(Samples.WORKER);
    pass(TICK);

    AttemptDispatched again = work(WORK_EAST).getFirst().value();
    assertThat(again.getRequestId()).isEqualTo(id.toString());
    assertThat(again.getAttempt()).isEqualTo(2);
    Cancel cancel = (Cancel) controls().getFirst().value().getCommand();
    assertThat(cancel.getReason()).isEqualTo(CancelReason.SUPERSEDED);
    pass(Duration.ofSeconds(5));
    assertThat(work(WORK_EAST)).isEmpty();
  }

  @Test
  void keepsNothingOfARequestWhoseTimeIsOver() {
    accept(request);
    AttemptDispatched work = work(WORK_EAST).getFirst().value();
    report(started(work, 1));
    report(succeeded(work, 1));
    assertThat(store().approximateNumEntries()).isEqualTo(1);

    pass(Duration.ofMinutes(4));

    assertThat(store().approximateNumEntries()).isZero();
  }

  @Test
  void answersARepeatUnderAnIdempotencyKeyWithTheAnswerOfTheFirst() {
    accept(Samples.underKey(request, "once", 0));
    AttemptDispatched work = work(WORK_EAST).getFirst().value();
    RequestId repeat = Samples.id(6, Samples.START);
    accept(Samples.underKey(Samples.request(repeat, Samples.MODEL, PATIENCE), "once", 0));
    report(started(work, 1));
    report(succeeded(work, 1));
    RequestId late = Samples.id(7, Samples.START);
    accept(Samples.underKey(Samples.request(late, Samples.MODEL, PATIENCE), "once", 0));
    RequestId other = Samples.id(8, Samples.START);
    accept(Samples.underKey(Samples.request(other, Samples.MODEL, PATIENCE), "twice", 0));

    assertThat(work(WORK_EAST))
        .extracting(record -> record.value().getRequestId())
        .containsExactly(other.toString());
    assertThat(replies())
        .extracting(TestRecord::value)
        .filteredOn(reply -> reply.getEvent() instanceof Attached)
        .allMatch(reply -> ((Attached) reply.getEvent()).getRequestId().equals(id.toString()))
        .extracting(Reply::getRequestId)
        .containsExactly(repeat.toString(), late.toString());
    assertThat(outcomes())
        .extracting(record -> record.value().getErrorCode())
        .containsExactly("idempotent_repeat", null, "idempotent_repeat");
  }

  @Test
  void keepsAKeyForADayAndNoLonger() {
    accept(Samples.underKey(request, "once", 0));
    AttemptDispatched work = work(WORK_EAST).getFirst().value();
    report(started(work, 1));
    report(succeeded(work, 1));
    Duration day = Policy.DEFAULT.idempotency();

    driver.advanceWallClockTime(day.minus(TICK));
    assertThat(keys().approximateNumEntries()).isEqualTo(1);
    driver.advanceWallClockTime(TICK);

    assertThat(keys().approximateNumEntries()).isZero();
  }

  @Test
  void putsWhatItCannotReadAsideWithTheReason() {
    driver
        .createInputTopic(Topics.REQUESTS.name(), new StringSerializer(), new ByteArraySerializer())
        .pipeInput("acme", new byte[] {9, 9, 9});

    assertThat(deadLetter().getFirst()).contains("Confluent wire format");
  }

  @Test
  void putsARequestWithoutAProperIdAsideAndGoesOn() {
    RequestAccepted nonsense =
        RequestAccepted.newBuilder(request).setRequestId("not-an-id").build();

    accept(nonsense);
    accept(request);

    assertThat(deadLetter()).singleElement().asString().contains("not-an-id");
    assertThat(work(WORK_EAST)).hasSize(1);
  }

  private Optional<RequestAccepted> body(LogPosition position) {
    return bodiesAway ? Optional.empty() : Optional.ofNullable(log.get(position));
  }

  private void find(RequestId request, Consumer<FinalReply> found) {
    found.accept(finalReply);
  }

  private void accept(RequestAccepted accepted) {
    log.put(new LogPosition(0, log.size()), accepted);
    requests.pipeInput(accepted.getTenant(), accepted);
  }

  private void report(AttemptEvent event) {
    attempts.pipeInput(event.getTenant(), event);
  }

  private void pass(Duration time) {
    for (Duration passed = Duration.ZERO; passed.compareTo(time) < 0; passed = passed.plus(TICK)) {
      driver.advanceWallClockTime(TICK);
    }
  }

  private static dev.tokenbus.router.lifecycle.Attempt attempt(AttemptDispatched work) {
    return new dev.tokenbus.router.lifecycle.Attempt(
        work.getAttempt(), work.getProvider(), work.getModel(), work.getUpstreamModel());
  }

  private AttemptEvent started(AttemptDispatched work, long claim) {
    return Samples.started(id, attempt(work), claim, Samples.WORKER, Samples.START);
  }

  private AttemptEvent succeeded(AttemptDispatched work, long claim) {
    Instant at = Samples.START.plusMillis(40);
    return Samples.succeeded(id, attempt(work), claim, Samples.WORKER, at);
  }

  private AttemptEvent failed(AttemptDispatched work, long claim) {
    return Samples.failed(
        id,
        attempt(work),
        claim,
        Samples.WORKER,
        Samples.START,
        ErrorCode.PROVIDER_UNAVAILABLE,
        false);
  }

  private List<TestRecord<String, AttemptDispatched>> work(Topic topic) {
    return read(topic.name(), AttemptDispatched.class);
  }

  private List<TestRecord<String, Reply>> replies() {
    return read(Topics.REPLIES.name(), Reply.class);
  }

  private List<TestRecord<String, RequestFinished>> outcomes() {
    return read(Topics.OUTCOMES.name(), RequestFinished.class);
  }

  private List<TestRecord<String, Control>> controls() {
    return read(Topics.CONTROL.name(), Control.class);
  }

  private <T extends SpecificRecord> List<TestRecord<String, T>> read(String topic, Class<T> type) {
    TestOutputTopic<String, T> output =
        driver.createOutputTopic(topic, new StringDeserializer(), schemas.deserializer(type));
    return output.readRecordsToList();
  }

  private List<String> deadLetter() {
    List<String> reasons = new ArrayList<>();
    driver
        .createOutputTopic("router.dlq", new ByteArrayDeserializer(), new ByteArrayDeserializer())
        .readRecordsToList()
        .forEach(record -> {
          Header reason = record.headers().lastHeader("__streams.errors.message");
          reasons.add(new String(reason.value(), StandardCharsets.UTF_8));
        });
    return reasons;
  }

  private KeyValueStore<IdempotencyKey, StoredKeyOwner> keys() {
    return driver.getKeyValueStore(RouterTopology.IDEMPOTENCY_STORE);
  }

  private KeyValueStore<RequestId, StoredEntry> store() {
    return driver.getKeyValueStore(RouterTopology.REQUEST_STORE);
  }
}
