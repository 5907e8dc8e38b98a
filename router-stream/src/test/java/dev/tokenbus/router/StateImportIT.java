package dev.tokenbus.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tokenbus.router.lifecycle.Attempt;
import dev.tokenbus.router.lifecycle.FakeClusterView;
import dev.tokenbus.router.lifecycle.IdempotencyEntry;
import dev.tokenbus.router.lifecycle.IdempotencyKey;
import dev.tokenbus.router.lifecycle.LogPosition;
import dev.tokenbus.router.lifecycle.Policy;
import dev.tokenbus.router.lifecycle.RequestLifecycle;
import dev.tokenbus.router.lifecycle.RequestState;
import dev.tokenbus.router.lifecycle.Samples;
import dev.tokenbus.router.lifecycle.Trigger;
import dev.tokenbus.router.store.OldState;
import dev.tokenbus.router.store.StateCodec;
import dev.tokenbus.router.transfer.StateArchive;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Attached;
import dev.tokenbus.schemas.avro.AttemptDispatched;
import dev.tokenbus.schemas.avro.Priority;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.RequestAccepted;
import dev.tokenbus.schemas.avro.RequestFinished;
import dev.tokenbus.schemas.avro.RequestHeader;
import dev.tokenbus.schemas.avro.RequestStatus;
import dev.tokenbus.schemas.topics.Topics;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What 0.1.0 has left on the broker, and routers of today. */
class StateImportIT {
  private static final String EAST = Topics.work("east", Priority.INTERACTIVE).name();
  private static final String STATES = "tokenbus-router-2-requests-changelog";
  private static final String KEYS = "tokenbus-router-2-idempotency-keys-changelog";
  private static final int PARTITIONS = 4;

  private final SplittableRandom random = new SplittableRandom(21);
  private final Map<Integer, Long> processed = new HashMap<>();
  @TempDir private Path state;
  private Backbone backbone;
  private Admin admin;
  private KafkaProducer<byte[], byte[]> producer;
  private StateCodec codec;

  @BeforeEach
  void start() throws Exception {
    backbone = Backbone.start(state.resolve("test"));
    admin = Admin.create(backbone.context.kafka().common());
    producer =
        new KafkaProducer<>(
            backbone.context.kafka().producer("old", Duration.ZERO, Duration.ofSeconds(20)),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    codec =
        new StateCodec(
            backbone.context.schemas().serde(RequestFinished.class),
            backbone.context.schemas().serde(Reply.class));
    admin
        .createTopics(
            List.of(
                new NewTopic(STATES, PARTITIONS, (short) 1)
                    .configs(Map.of("cleanup.policy", "compact")),
                new NewTopic(KEYS, PARTITIONS, (short) 1)
                    .configs(Map.of("cleanup.policy", "compact"))))
        .all()
        .get();
  }

  @AfterEach
  void stop() {
    producer.close();
    admin.close();
    backbone.close();
  }

  @Test
  void goesOnWithWhatTheReleaseBeforeHasBegunAndRunsNothingTwice() throws Exception {
    Attempt attempt = new Attempt(1, "east", Samples.MODEL, "big");
    RequestId running = id();
    RequestState streaming = streaming(running, attempt);
    keep(running, streaming);
    RequestId ended = id();
    LogPosition endedAt = accepted(ended, null);
    commitOffsets();
    RequestId waiting = id();
    backbone.accept(Samples.legacy(waiting, Samples.MODEL, Duration.ofMinutes(5), "Hello"));

    try (RouterApp one = RouterApp.start(backbone.context, RouterSettings.DEFAULT);
        RouterApp other = RouterApp.start(backbone.context, RouterSettings.DEFAULT)) {
      await().atMost(Duration.ofSeconds(60)).until(() -> one.ready() && other.ready());
      backbone.report(Samples.succeeded(running, attempt, 7, "w", Instant.now()));
      RequestId repeat = id();
      backbone.accept(
          Samples.underKey(
              Samples.request(repeat, Samples.MODEL, Duration.ofMinutes(5)), "once", 0));

      assertThat(backbone.outcome(running).getStatus()).isEqualTo(RequestStatus.COMPLETED);
      assertThat(attachedTo(repeat)).isEqualTo(running.toString());
      assertThat(endedAt.offset()).isLessThan(processed.get(endedAt.partition()));
      TopicReader<AttemptDispatched> work = backbone.read(EAST, AttemptDispatched.class);
      work.until(all -> all.stream().anyMatch(w -> w.getRequestId().equals(waiting.toString())));
      work.poll(Duration.ofSeconds(1));
      assertThat(work.values())
          .extracting(AttemptDispatched::getRequestId)
          .containsExactly(waiting.toString());
    }
  }

  @Test
  void takesHundredsInFlightOverWithinSecondsThoughTwoRoutersStartAtOnce() throws Exception {
    Attempt attempt = new Attempt(1, "east", Samples.MODEL, "big");
    Set<String> running = new HashSet<>();
    for (int i = 0; i < 300; i++) {
      RequestId id = id();
      keep(id, streaming(id, attempt));
      running.add(id.toString());
    }
    commitOffsets();

    try (RouterApp one = RouterApp.start(backbone.context, RouterSettings.DEFAULT);
        RouterApp other = RouterApp.start(backbone.context, RouterSettings.DEFAULT)) {
      await().atMost(Duration.ofSeconds(30)).until(() -> one.ready() && other.ready());

      // Nobody hears of their worker, so that each goes out again.
      List<AttemptDispatched> again =
          backbone
              .read(EAST, AttemptDispatched.class)
              .until(all ->
                  all.stream()
                      .map(AttemptDispatched::getRequestId)
                      .collect(Collectors.toSet())
                      .containsAll(running));
      assertThat(again).extracting(AttemptDispatched::getAttempt).containsOnly(2);
    }
  }

  @Test
  void movesTheStateThroughAFile() throws Exception {
    RequestId first = id();
    Attempt attempt;
    try (RouterApp router = RouterApp.start(backbone.context, RouterSettings.DEFAULT)) {
      await().atMost(Duration.ofSeconds(60)).until(router::ready);
      backbone.accept(
          Samples.underKey(
              Samples.request(first, Samples.MODEL, Duration.ofMinutes(5)), "once", 0));
      TopicReader<AttemptDispatched> work = backbone.read(EAST, AttemptDispatched.class);
      AttemptDispatched dispatched = work.until(all -> !all.isEmpty()).getFirst();
      attempt =
          new Attempt(
              dispatched.getAttempt(), "east", Samples.MODEL, dispatched.getUpstreamModel());
      backbone.report(Samples.started(first, attempt, 1, "w", Instant.now()));
      Thread.sleep(1_500);
    }
    Path file = state.resolve("state.bin");
    long exported =
        new StateArchive(backbone.context.kafka(), RouterApp.APPLICATION).exportTo(file);
    admin.deleteConsumerGroups(List.of(RouterApp.APPLICATION_ID)).all().get();
    admin.deleteTopics(List.of(RouterApp.APPLICATION_ID + "-state-changelog")).all().get();

    long imported =
        new StateArchive(backbone.context.kafka(), RouterApp.APPLICATION).importFrom(file);

    assertThat(imported).isEqualTo(exported).isPositive();
    try (RouterApp router = RouterApp.start(backbone.context, RouterSettings.DEFAULT)) {
      await().atMost(Duration.ofSeconds(60)).until(router::ready);
      RequestId repeat = id();
      backbone.accept(
          Samples.underKey(
              Samples.request(repeat, Samples.MODEL, Duration.ofMinutes(5)), "once", 0));
      assertThat(attachedTo(repeat)).isEqualTo(first.toString());
      backbone.report(Samples.succeeded(first, attempt, 1, "w", Instant.now()));
      assertThat(backbone.outcome(first).getStatus()).isEqualTo(RequestStatus.COMPLETED);
    }
  }

  private RequestId id() {
    return RequestId.of(Instant.now(), random.nextInt(16), random);
  }

  /** A request that a worker runs, under an idempotency key, as 0.1.0 saw it. */
  private RequestState streaming(RequestId id, Attempt attempt) throws Exception {
    LogPosition position = accepted(id, "once");
    RequestAccepted request =
        Samples.underKey(Samples.request(id, Samples.MODEL, Duration.ofMinutes(5)), "once", 0);
    RequestHeader header = Samples.header(request);
    RequestLifecycle lifecycle = new RequestLifecycle(Policy.DEFAULT, new FakeClusterView());
    RequestState admitted = lifecycle.accepted(null, header, position, null, Instant.now()).next();
    RequestState dispatched =
        lifecycle
            .dispatch(
                (RequestState.Admitted) Objects.requireNonNull(admitted),
                Trigger.ACCEPTANCE,
                Instant.now())
            .next();
    return Objects.requireNonNull(
        lifecycle
            .reported(
                dispatched, Samples.started(id, attempt, 7, "w", Instant.now()), Instant.now())
            .next());
  }

  private LogPosition accepted(RequestId id, @Nullable String key) throws Exception {
    RequestAccepted request = Samples.legacy(id, Samples.MODEL, Duration.ofMinutes(5), "Hello");
    RecordMetadata at =
        producer
            .send(
                new ProducerRecord<>(
                    Topics.REQUESTS.name(),
                    Samples.TENANT.getBytes(StandardCharsets.UTF_8),
                    backbone
                        .context
                        .schemas()
                        .serializer()
                        .serialize(
                            Topics.REQUESTS.name(),
                            key == null ? request : Samples.underKey(request, key, 0))))
            .get();
    processed.merge(at.partition(), at.offset() + 1, Math::max);
    return new LogPosition(at.partition(), at.offset(), at.serializedValueSize());
  }

  private void keep(RequestId id, RequestState state) throws Exception {
    int partition = ((RequestState.Live) state).request().position().partition();
    producer
        .send(
            new ProducerRecord<>(STATES, partition, OldState.key(id), OldState.value(codec, state)))
        .get();
    IdempotencyEntry owner =
        new IdempotencyEntry(
            id, ((RequestState.Live) state).request().position().offset(), "010200", null);
    producer
        .send(
            new ProducerRecord<>(
                KEYS,
                partition,
                OldState.key(new IdempotencyKey(Samples.TENANT, "once")),
                OldState.value(owner)))
        .get();
  }

  private void commitOffsets() throws Exception {
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    processed.forEach((partition, offset) ->
        offsets.put(
            new TopicPartition(Topics.REQUESTS.name(), partition), new OffsetAndMetadata(offset)));
    admin.alterConsumerGroupOffsets("tokenbus-router-2", offsets).all().get();
  }

  private String attachedTo(RequestId id) {
    TopicReader<Reply> replies = backbone.read(Topics.REPLIES.name(), Reply.class);
    return replies
        .until(all -> all.stream().anyMatch(r -> r.getRequestId().equals(id.toString())))
        .stream()
        .filter(r -> r.getRequestId().equals(id.toString()))
        .map(Reply::getEvent)
        .filter(Attached.class::isInstance)
        .map(event -> ((Attached) event).getRequestId())
        .findFirst()
        .orElseThrow();
  }
}
