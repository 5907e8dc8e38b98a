package dev.tokenbus.router.processing;

import dev.tokenbus.router.RegistryFixture;
import dev.tokenbus.router.cluster.CancelFeed;
import dev.tokenbus.router.lifecycle.Attempt;
import dev.tokenbus.router.lifecycle.FakeClusterView;
import dev.tokenbus.router.lifecycle.FinalReply;
import dev.tokenbus.router.lifecycle.Policy;
import dev.tokenbus.router.lifecycle.RequestLifecycle;
import dev.tokenbus.router.lifecycle.Samples;
import dev.tokenbus.router.store.StateCodec;
import dev.tokenbus.router.store.StateKey;
import dev.tokenbus.router.streams.UnprocessableRecordHandler;
import dev.tokenbus.router.streams.UnreadableRecordHandler;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.AttemptDispatched;
import dev.tokenbus.schemas.avro.AttemptEvent;
import dev.tokenbus.schemas.avro.Control;
import dev.tokenbus.schemas.avro.Priority;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.RequestAccepted;
import dev.tokenbus.schemas.avro.RequestFinished;
import dev.tokenbus.schemas.errors.ErrorCode;
import dev.tokenbus.schemas.serde.SchemaRegistry;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.Topic;
import dev.tokenbus.schemas.topics.Topics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
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

/** The topology with its surroundings, all of which the test sets. */
final class RouterDriver implements AutoCloseable {
  static final Topic WORK_EAST = Topics.work("east", Priority.INTERACTIVE);
  static final Duration TICK = Duration.ofMillis(100);
  private static final Topic WORK_WEST = Topics.work("west", Priority.INTERACTIVE);

  final FakeClusterView cluster = new FakeClusterView();
  final CancelFeed cancels = new CancelFeed(InstantSource.fixed(Samples.START));
  private final RegistryFixture fixture;
  final SchemaRegistry registry;
  final TopicSchemas schemas;
  final TopologyTestDriver driver;
  private final TestInputTopic<String, SpecificRecord> requests;
  private final TestInputTopic<String, SpecificRecord> attempts;
  int standstills;
  FinalReply finalReply = new FinalReply.NoAnswer(null);

  RouterDriver(Path state) throws IOException {
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
        new RouterParts(
            lifecycle,
            cluster,
            this::find,
            cancels,
            codec,
            () -> standstills,
            Duration.ofSeconds(2));
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

  @Override
  public void close() {
    driver.close();
    registry.close();
    fixture.close();
  }

  private void find(RequestId request, @Nullable Long from, Consumer<FinalReply> found) {
    found.accept(finalReply);
  }

  void accept(RequestAccepted accepted) {
    requests.pipeInput(accepted.getTenant(), accepted);
  }

  void report(AttemptEvent event) {
    attempts.pipeInput(event.getTenant(), event);
  }

  void pass(Duration time) {
    for (Duration passed = Duration.ZERO; passed.compareTo(time) < 0; passed = passed.plus(TICK)) {
      driver.advanceWallClockTime(TICK);
    }
  }

  static Attempt attempt(AttemptDispatched work) {
    return new Attempt(
        work.getAttempt(), work.getProvider(), work.getModel(), work.getUpstreamModel());
  }

  static AttemptEvent started(AttemptDispatched work, long claim) {
    return Samples.started(id(work), attempt(work), claim, Samples.WORKER, Samples.START);
  }

  static AttemptEvent succeeded(AttemptDispatched work, long claim) {
    Instant at = Samples.START.plusMillis(40);
    return Samples.succeeded(id(work), attempt(work), claim, Samples.WORKER, at);
  }

  static AttemptEvent failed(AttemptDispatched work, long claim) {
    return Samples.failed(
        id(work),
        attempt(work),
        claim,
        Samples.WORKER,
        Samples.START,
        ErrorCode.PROVIDER_UNAVAILABLE,
        false);
  }

  List<TestRecord<String, AttemptDispatched>> work(Topic topic) {
    return read(topic.name(), AttemptDispatched.class);
  }

  List<TestRecord<String, Reply>> replies() {
    return read(Topics.REPLIES.name(), Reply.class);
  }

  List<TestRecord<String, RequestFinished>> outcomes() {
    return read(Topics.OUTCOMES.name(), RequestFinished.class);
  }

  List<TestRecord<String, Control>> controls() {
    return read(Topics.CONTROL.name(), Control.class);
  }

  private <T extends SpecificRecord> List<TestRecord<String, T>> read(String topic, Class<T> type) {
    TestOutputTopic<String, T> output =
        driver.createOutputTopic(topic, new StringDeserializer(), schemas.deserializer(type));
    return output.readRecordsToList();
  }

  List<String> deadLetter() {
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

  long stored(String namespace) {
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

  private static RequestId id(AttemptDispatched work) {
    return RequestId.parse(work.getRequestId());
  }
}
