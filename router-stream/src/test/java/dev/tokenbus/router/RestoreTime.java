package dev.tokenbus.router;

import static org.awaitility.Awaitility.await;

import dev.tokenbus.router.lifecycle.FakeClusterView;
import dev.tokenbus.router.lifecycle.IdempotencyEntry;
import dev.tokenbus.router.lifecycle.IdempotencyKey;
import dev.tokenbus.router.lifecycle.LogPosition;
import dev.tokenbus.router.lifecycle.Policy;
import dev.tokenbus.router.lifecycle.RequestLifecycle;
import dev.tokenbus.router.lifecycle.RequestState;
import dev.tokenbus.router.lifecycle.Samples;
import dev.tokenbus.router.lifecycle.Trigger;
import dev.tokenbus.router.processing.RouterTopology;
import dev.tokenbus.router.store.OldState;
import dev.tokenbus.router.store.StateCodec;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.AttemptDispatched;
import dev.tokenbus.schemas.avro.Priority;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.RequestFinished;
import dev.tokenbus.schemas.topics.Topics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Measures how long a router of 256 MB of heap takes until it dispatches a new request, with
 * idempotency keys and requests in flight in its store: with an empty directory, and after a
 * SIGKILL. The JVM's start is part of it. Prints one line per start; numbers are in RATIONALE.md.
 */
final class RestoreTime {
  private static final String CHANGELOG =
      RouterApp.APPLICATION_ID + "-" + RouterTopology.STORE + "-changelog";
  private static final int PARTITIONS = 4;

  private RestoreTime() {}

  /** Takes the number of keys, the number of requests in flight, and of starts. */
  public static void main(String[] arguments) throws Exception {
    int keys = Integer.parseInt(arguments[0]);
    int requests = Integer.parseInt(arguments[1]);
    int starts = Integer.parseInt(arguments[2]);
    Path state = Files.createTempDirectory("restore-time");
    try (Backbone backbone = Backbone.start(state.resolve("test"))) {
      fill(backbone, keys, requests);
      String topic = Topics.work("east", Priority.INTERACTIVE).name();
      SplittableRandom random = new SplittableRandom(1);
      for (int start = 0; start < starts; start++) {
        long begin = System.nanoTime();
        Process router = backbone.process(RouterApp.class, state.resolve("router"));
        List<RequestId> sent = new ArrayList<>();
        for (int partition = 0; partition < 8; partition++) {
          RequestId id = RequestId.of(Instant.now(), partition, random);
          sent.add(id);
          backbone.accept(Samples.request(id, Samples.MODEL, Duration.ofMinutes(30)));
        }
        TopicReader<AttemptDispatched> work = backbone.read(topic, AttemptDispatched.class);
        work.until(all ->
            all.stream()
                .map(AttemptDispatched::getRequestId)
                .toList()
                .containsAll(sent.stream().map(RequestId::toString).toList()));
        System.out.printf(
            "start %d: %d keys, %d requests in flight: dispatches after %d ms%n",
            start, keys, requests, (System.nanoTime() - begin) / 1_000_000);
        Thread.sleep(start == 0 ? 20_000 : 3_000);
        await().until(router::isAlive);
        Backbone.kill(router);
      }
    }
  }

  /**
   * Writes a changelog as a router would have left it, and returns the owners of the keys. The key
   * with number n is of tenant n modulo 50, in partition n modulo 4, and has its owner's name.
   */
  static List<RequestId> fill(Backbone backbone, int keys, int requests) throws Exception {
    List<RequestId> owners = new ArrayList<>();
    StateCodec codec =
        new StateCodec(
            backbone.context.schemas().serde(RequestFinished.class),
            backbone.context.schemas().serde(Reply.class));
    SplittableRandom random = new SplittableRandom(2);
    try (Admin admin = Admin.create(backbone.context.kafka().common());
        KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(
                backbone
                    .context
                    .kafka()
                    .producer("fill", Duration.ofMillis(20), Duration.ofMinutes(2)),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
      Map<String, String> settings = new HashMap<>(RouterTopology.CHANGELOG);
      settings.put("cleanup.policy", "compact");
      admin
          .createTopics(List.of(new NewTopic(CHANGELOG, PARTITIONS, (short) 1).configs(settings)))
          .all()
          .get();
      for (int i = 0; i < keys; i++) {
        RequestId id = RequestId.of(Instant.now(), i % 16, random);
        owners.add(id);
        Future<RecordMetadata> sent =
            producer.send(
                new ProducerRecord<>(
                    CHANGELOG,
                    i % PARTITIONS,
                    OldState.newKey(new IdempotencyKey("tenant-" + i % 50, id.toString())),
                    OldState.value(
                        new IdempotencyEntry(
                            id, i, "00".repeat(32), Instant.now().plus(Duration.ofDays(1))))));
        if (i < PARTITIONS) {
          // A partition that is new may refuse its first batch and take the second.
          sent.get();
        }
      }
      RequestLifecycle lifecycle = new RequestLifecycle(Policy.DEFAULT, new FakeClusterView());
      for (int i = 0; i < requests; i++) {
        RequestId id = RequestId.of(Instant.now(), i % 16, random);
        LogPosition position = new LogPosition(i % PARTITIONS, i, 700);
        RequestState admitted =
            lifecycle
                .accepted(
                    null,
                    Samples.header(Samples.request(id, Samples.MODEL, Duration.ofHours(24))),
                    position,
                    null,
                    Instant.now())
                .next();
        RequestState dispatched =
            lifecycle
                .dispatch(
                    (RequestState.Admitted) Objects.requireNonNull(admitted),
                    Trigger.ACCEPTANCE,
                    Instant.now())
                .next();
        var _ =
            producer.send(
                new ProducerRecord<>(
                    CHANGELOG,
                    i % PARTITIONS,
                    OldState.newKey(id),
                    OldState.newValue(codec, Objects.requireNonNull(dispatched))));
      }
      producer.flush();
      Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
      for (int partition = 0; partition < PARTITIONS; partition++) {
        offsets.put(
            new TopicPartition(Topics.REQUESTS.name(), partition), new OffsetAndMetadata(0));
      }
      admin.alterConsumerGroupOffsets(RouterApp.APPLICATION_ID, offsets).all().get();
    }
    return owners;
  }
}
