package dev.tokenbus.router.processing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.router.RegistryFixture;
import dev.tokenbus.router.cluster.CancelFeed;
import dev.tokenbus.router.lifecycle.FakeClusterView;
import dev.tokenbus.router.lifecycle.FinalReply;
import dev.tokenbus.router.lifecycle.Policy;
import dev.tokenbus.router.lifecycle.PoolState;
import dev.tokenbus.router.lifecycle.RequestLifecycle;
import dev.tokenbus.router.lifecycle.Samples;
import dev.tokenbus.router.store.StateCodec;
import dev.tokenbus.router.store.StateKey;
import dev.tokenbus.router.streams.UnprocessableRecordHandler;
import dev.tokenbus.router.streams.UnreadableRecordHandler;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Admitted;
import dev.tokenbus.schemas.avro.Attached;
import dev.tokenbus.schemas.avro.AttemptDispatched;
import dev.tokenbus.schemas.avro.AttemptEvent;
import dev.tokenbus.schemas.avro.BodyReference;
import dev.tokenbus.schemas.avro.Cancel;
import dev.tokenbus.schemas.avro.CancelReason;
import dev.tokenbus.schemas.avro.Control;
import dev.tokenbus.schemas.avro.Failed;
import dev.tokenbus.schemas.avro.LogReference;
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
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.function.Consumer;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RouterTopologyTest {
  private static final Topic WORK_EAST = Topics.work("east", Priority.INTERACTIVE);
  private static final Topic WORK_WEST = Topics.work("west", Priority.INTERACTIVE);
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final Duration TICK = Duration.ofMillis(100);

  private final FakeClusterView cluster = new FakeClusterView();
  private final RequestId id = Samples.id(5, Samples.START);
  private final RequestAccepted request = Samples.request(id, Samples.MODEL, PATIENCE);
  private RegistryFixture fixture;
  private SchemaRegistry registry;
  private TopicSchemas schemas;
  private TopologyTestDriver driver;
  private TestInputTopic<String, SpecificRecord> requests;
  private TestInputTopic<String, SpecificRecord> attempts;
  private final CancelFeed cancels = new CancelFeed(InstantSource.fixed(Samples.START));
  @TempDir private Path state;
  private FinalReply finalReply = new FinalReply.NoAnswer(null);

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
    RouterParts parts =
        new RouterParts(lifecycle, cluster, this::find, cancels, codec, Duration.ofSeconds(2));
    Properties properties = new Properties();
    properties.put(StreamsConfig.STATE_DIR_CONFIG, state.toString());
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
            RouterTopology.build(schemas, () -> new RequestProcessor(parts)),
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
    assertThat(work.value().getContent()).isEqualTo(request.getContent());
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
  void sendsARetryToTheRequestsRecordForTheBody() {
    accept(request);
    AttemptDispatched first = work(WORK_EAST).getFirst().value();
    report(started(first, 1));

    report(failed(first, 1));

    AttemptDispatched second = work(WORK_WEST).getFirst().value();
    assertThat(second.getAttempt()).isEqualTo(2);
    assertThat(second.getBody()).isNull();
    BodyReference body = (BodyReference) second.getContent();
    assertThat(body.getAt()).isEqualTo(new LogReference("requests", 0, 0L));
    assertThat(body.getSize())
        .isEqualTo(schemas.serializer().serialize("requests", request).length);
    assertThat(second.getTraceparent()).isEqualTo(request.getTraceparent());
    assertThat(second.getRendering()).isEqualTo(first.getRendering());
  }

  @Test
  void passesAReferenceToALargeBodyOn() {
    BodyReference large = new BodyReference(new LogReference("bodies", 2, 77L), 9_000_000L);
    accept(RequestAccepted.newBuilder(request).setContent(large).build());

    assertThat(work(WORK_EAST).getFirst().value().getContent()).isEqualTo(large);
  }

  @Test
  void servesARequestThatTheReleaseBeforeHasWritten() {
    RequestAccepted old = Samples.legacy(id, Samples.MODEL, PATIENCE, "Hello");
    accept(old);

    AttemptDispatched work = work(WORK_EAST).getFirst().value();
    assertThat(work.getBody()).isNull();
    assertThat(((BodyReference) work.getContent()).getAt().getTopic()).isEqualTo("requests");
    assertThat(work.getRendering().getModelAsked()).isEqualTo(Samples.MODEL);
    assertThat(work.getRendering().getStream()).isTrue();
    assertThat(work.getRendering().getIncludeUsage()).isTrue();
  }

  @Test
  void failsARequestThatANewerVersionHasWritten() {
    byte[] bytes =
        newer(
            Topics.REQUESTS,
            "content",
            request,
            record -> record.put("content", future(record, "content")));
    driver
        .createInputTopic(Topics.REQUESTS.name(), new StringSerializer(), new ByteArraySerializer())
        .pipeInput("acme", bytes);

    RequestFinished outcome = outcomes().getFirst().value();
    assertThat(outcome.getStatus()).isEqualTo(RequestStatus.FAILED);
    assertThat(outcome.getErrorCode()).isEqualTo("unreadable_request");
    assertThat(outcome.getTenant()).isEqualTo(Samples.TENANT);
    assertThat(outcome.getTeam()).isEqualTo("team");
    assertThat(outcome.getAcceptedAt()).isEqualTo(request.getAcceptedAt());
    assertThat(outcome.getBilled()).isNull();
    assertThat(outcome.getUnbilled()).isEmpty();
    assertThat(replies()).singleElement().matches(r -> r.value().getEvent() instanceof Failed);
    assertThat(work(WORK_EAST)).isEmpty();
    assertThat(deadLetter()).isEmpty();
  }

  @Test
  void supervisesARequestWhoseReportANewerVersionHasWritten() {
    accept(request);
    AttemptDispatched work = work(WORK_EAST).getFirst().value();
    report(started(work, 1));
    byte[] bytes =
        newer(
            Topics.ATTEMPTS,
            "event",
            succeeded(work, 1),
            record -> record.put("event", future(record, "event")));
    driver
        .createInputTopic(Topics.ATTEMPTS.name(), new StringSerializer(), new ByteArraySerializer())
        .pipeInput("acme", bytes);

    assertThat(deadLetter()).singleElement().asString().contains("newer version");
    cluster.lostWorkers.add(Samples.WORKER);
    pass(TICK);
    assertThat(work(WORK_EAST)).singleElement().matches(w -> w.value().getAttempt() == 2);
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
            1, 1, "east", "big-2026", Samples.usage(3, 4), "req", "stop", 55, Samples.START);

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
    assertThat(again.getPredecessorClaim()).isEqualTo(1);
    assertThat(controls()).isEmpty();
    pass(Duration.ofSeconds(5));
    assertThat(work(WORK_EAST)).isEmpty();
  }

  @Test
  void keepsNothingOfARequestWhoseTimeIsOver() {
    accept(request);
    AttemptDispatched work = work(WORK_EAST).getFirst().value();
    report(started(work, 1));
    report(succeeded(work, 1));
    assertThat(stored(StateKey.REQUESTS)).isEqualTo(1);

    pass(Duration.ofMinutes(4));

    assertThat(stored(StateKey.REQUESTS)).isZero();
    assertThat(stored(StateKey.DUE)).isZero();
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
    assertThat(stored(StateKey.IDEMPOTENCY)).isEqualTo(1);
    driver.advanceWallClockTime(TICK);

    assertThat(stored(StateKey.IDEMPOTENCY)).isZero();
  }

  @Test
  void endsARequestWhoseClientHasGoneBeforeAWorkerHasStartedIt() {
    accept(request);
    Cancel command =
        Cancel.newBuilder()
            .setReason(CancelReason.CLIENT_GONE)
            .setUpToAttempt(Integer.MAX_VALUE)
            .build();

    cancels.heard(id, command);
    cancels.heard(Samples.id(99, Samples.START), command);
    pass(TICK);

    assertThat(outcomes())
        .singleElement()
        .matches(o -> o.value().getStatus() == RequestStatus.CANCELLED);
    assertThat(controls()).singleElement().matches(c -> c.key().equals(id.toString()));
  }

  @Test
  void holdsADayLongDeadlineInTheStoreAndKeepsIt() {
    Duration day = Duration.ofHours(24);
    accept(Samples.request(id, Samples.MODEL, day));
    report(started(work(WORK_EAST).getFirst().value(), 1));
    pass(Duration.ofSeconds(11));
    assertThat(stored(StateKey.DUE)).isEqualTo(1);

    driver.advanceWallClockTime(day.minusSeconds(12));
    assertThat(controls()).isEmpty();
    driver.advanceWallClockTime(Duration.ofSeconds(2));

    assertThat(controls()).singleElement().matches(c -> c.key().equals(id.toString()));
    assertThat(stored(StateKey.DUE)).isZero();
  }

  @Test
  void findsDispatchesThatIdleWorkersHaveLeftAfterALongWaitInABusyQueue() {
    accept(request);
    work(WORK_EAST);
    pass(Duration.ofSeconds(20));
    assertThat(work(WORK_EAST)).isEmpty();

    cluster.pool = new PoolState(PoolState.Kind.IDLE, Samples.START);
    pass(Duration.ofSeconds(3));

    assertThat(work(WORK_EAST)).singleElement().matches(w -> w.value().getAttempt() == 2);
  }

  @Test
  void leavesAStateOfANewerVersionAsItIsAndGoesOn() {
    accept(request);
    work(WORK_EAST);
    KeyValueStore<Bytes, byte[]> store = driver.getKeyValueStore(RouterTopology.STORE);
    Bytes key = new StateKey.OfRequest(id).encoded();
    byte[] newer = {(byte) 0xC3, 1, 9, 9, 9, 9, 9, 9, 9, 9, 77};
    store.put(key, newer);

    accept(request);
    pass(PATIENCE.plusSeconds(5));
    accept(Samples.request(Samples.id(6, Samples.START.plusSeconds(65)), Samples.MODEL, PATIENCE));

    assertThat(work(WORK_EAST)).hasSize(1);
    assertThat(store.get(key)).isEqualTo(newer);
    assertThat(outcomes()).isEmpty();
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

  private void find(RequestId request, @Nullable Long from, Consumer<FinalReply> found) {
    found.accept(finalReply);
  }

  private void accept(RequestAccepted accepted) {
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

  private long stored(String namespace) {
    KeyValueStore<Bytes, byte[]> store = driver.getKeyValueStore(RouterTopology.STORE);
    long number = 0;
    try (KeyValueIterator<Bytes, byte[]> entries =
        store.range(StateKey.first(namespace), StateKey.behind(namespace))) {
      while (entries.hasNext()) {
        entries.next();
        number++;
      }
    }
    return number;
  }

  /** The record as a writer has it whose union of the field has a branch more. */
  private byte[] newer(
      Topic topic, String field, SpecificRecord value, Consumer<GenericRecord> change) {
    Schema own = topic.schema();
    Schema newer = Schema.createRecord(own.getName(), null, own.getNamespace(), false);
    Schema branch = Schema.createRecord("Future", null, own.getNamespace(), false);
    branch.setFields(
        List.of(new Schema.Field("word", Schema.create(Schema.Type.STRING), null, null)));
    newer.setFields(
        own.getFields().stream()
            .map(old -> {
              if (!old.name().equals(field)) {
                return new Schema.Field(old, old.schema());
              }
              List<Schema> branches = new ArrayList<>(old.schema().getTypes());
              branches.add(branch);
              Schema union = Schema.createUnion(branches);
              return old.hasDefaultValue()
                  ? new Schema.Field(old.name(), union, null, old.defaultVal())
                  : new Schema.Field(old.name(), union);
            })
            .toList());
    int number = registry.register("newer-" + topic.name(), newer);
    try {
      byte[] old = schemas.serializer().serialize(topic.name(), value);
      GenericRecord record =
          new GenericDatumReader<GenericRecord>(own, newer)
              .read(null, DecoderFactory.get().binaryDecoder(old, 5, old.length - 5, null));
      change.accept(record);
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      bytes.write(ByteBuffer.allocate(5).put((byte) 0).putInt(number).array());
      BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
      new GenericDatumWriter<GenericRecord>(newer).write(record, encoder);
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static GenericRecord future(GenericRecord record, String field) {
    Schema branch = record.getSchema().getField(field).schema().getTypes().getLast();
    GenericRecord future = new GenericData.Record(branch);
    future.put("word", "what is to come");
    return future;
  }
}
