package dev.tokenbus.runtime.requests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tokenbus.embedded.EmbeddedBroker;
import dev.tokenbus.embedded.junit.SharedServers;
import dev.tokenbus.embedded.registry.InMemoryRegistry;
import dev.tokenbus.runtime.config.Addresses;
import dev.tokenbus.runtime.kafka.KafkaSettings;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Attached;
import dev.tokenbus.schemas.avro.BodyReference;
import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.Completed;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.Deltas;
import dev.tokenbus.schemas.avro.InlineBody;
import dev.tokenbus.schemas.avro.Opened;
import dev.tokenbus.schemas.avro.Protocol;
import dev.tokenbus.schemas.avro.Rendering;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.RequestAccepted;
import dev.tokenbus.schemas.avro.Sampling;
import dev.tokenbus.schemas.avro.TextDelta;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.serde.SchemaRegistry;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.Topic;
import dev.tokenbus.schemas.topics.TopicProvisioner;
import dev.tokenbus.schemas.topics.Topics;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedServers.class)
class RequestClientIT {
  private final KafkaSettings kafka;
  private final SchemaRegistry registry;
  private final TopicSchemas schemas;
  private final RequestClient client;
  private final KafkaProducer<String, byte[]> worker;
  private final List<String> text = new CopyOnWriteArrayList<>();

  RequestClientIT(EmbeddedBroker broker, InMemoryRegistry server) {
    kafka = new KafkaSettings(Addresses.of(Map.of(Addresses.KAFKA, broker.bootstrapServers())));
    try (Admin admin = Admin.create(kafka.common())) {
      new TopicProvisioner(admin)
          .provision(List.of(Topics.REQUESTS, Topics.BODIES, Topics.REPLIES));
    }
    registry = new SchemaRegistry(URI.create(server.url()));
    schemas =
        new TopicSchemas(registry).resolve(List.of(Topics.REQUESTS, Topics.BODIES, Topics.REPLIES));
    client =
        RequestClient.start(
            "documents", kafka, schemas, InstantSource.system(), RandomGenerator.getDefault());
    worker =
        new KafkaProducer<>(
            kafka.producer("worker", Duration.ZERO, Duration.ofSeconds(10)),
            new StringSerializer(),
            new ByteArraySerializer());
    await().until(client::ready);
  }

  @AfterEach
  void close() {
    client.close();
    worker.close();
    registry.close();
  }

  @Test
  void awaitsTheAnswerAsTheFoldShowsIt() throws Exception {
    RequestAccepted request = request(Duration.ofMinutes(1));
    CompletableFuture<Reply> answer = client.submit(request, this::note);
    RequestId id = RequestId.parse(request.getRequestId());

    reply(id, 7, 0, opened());
    reply(id, 8, 0, opened());
    reply(id, 7, 1, text("Hello"));
    reply(id, 8, 1, text("a second run of the attempt"));
    reply(id, 7, 1, text("Hello"));
    reply(id, 7, 2, text(" there"));
    reply(id, 7, 3, Completed.newBuilder().setUsage(TokenUsage.newBuilder().build()).build());

    Reply last = answer.get(20, TimeUnit.SECONDS);
    assertThat(last.getEvent()).isInstanceOf(Completed.class);
    assertThat(text).containsExactly("Hello", " there");
  }

  @Test
  void followsTheEarlierRequestThatItsOwnRepeats() throws Exception {
    RequestAccepted repeat = request(Duration.ofMinutes(1));
    RequestId own = RequestId.parse(repeat.getRequestId());
    // Of another ingress, begun before and still running.
    RequestId earlier =
        RequestId.of(
            Instant.now().minusSeconds(3),
            (own.replyPartition() + 1) % 16,
            RandomGenerator.getDefault());
    reply(earlier, 7, 0, opened());
    reply(earlier, 7, 1, text("Hello"));
    CompletableFuture<Reply> answer = client.submit(repeat, this::note);

    Reply attached = new Reply(own.toString(), 0, 0L, 0, Instant.now(), attachedTo(earlier));
    write(own, schemas.<Reply>serializer().serialize(Topics.REPLIES.name(), attached));
    await().atMost(Duration.ofSeconds(20)).until(() -> text.contains("Hello"));
    assertThat(answer).isNotDone();
    reply(earlier, 7, 2, text(" there"));
    reply(earlier, 7, 3, Completed.newBuilder().setUsage(TokenUsage.newBuilder().build()).build());

    Reply last = answer.get(20, TimeUnit.SECONDS);
    assertThat(last.getEvent()).isInstanceOf(Completed.class);
    assertThat(last.getRequestId()).isEqualTo(earlier.toString());
    assertThat(text).containsExactly("Hello", " there");
  }

  @Test
  void writesALargeBodyBesideItsRequest() throws Exception {
    byte[] body = body(Topics.INLINE_BODY_BYTES + 1);
    RequestAccepted request = withBody(body);

    CompletableFuture<Reply> answer = client.submit(request, this::note);

    BodyReference reference = (BodyReference) written(request).getContent();
    assertThat(reference.getSize()).isEqualTo(body.length);
    assertThat(reference.getAt().getTopic()).isEqualTo(Topics.BODIES.name());
    ConsumerRecord<String, byte[]> record =
        find(
            Topics.BODIES,
            Function.identity(),
            found ->
                found.partition() == reference.getAt().getPartition()
                    && found.offset() == reference.getAt().getOffset());
    assertThat(record.value()).isEqualTo(body);
    assertThat(record.key()).isEqualTo(request.getRequestId());
    assertThat(answer).isNotDone();
  }

  @Test
  void keepsASmallBodyInItsRequest() throws Exception {
    byte[] body = body(Topics.INLINE_BODY_BYTES);
    RequestAccepted request = withBody(body);

    CompletableFuture<Reply> _ = client.submit(request, this::note);

    assertThat(written(request).getContent()).isEqualTo(new InlineBody(ByteBuffer.wrap(body)));
  }

  @Test
  void saysThatAReplyIsANewerVersions() throws Exception {
    RequestAccepted request = request(Duration.ofMinutes(1));
    CompletableFuture<Reply> answer = client.submit(request, this::note);

    write(RequestId.parse(request.getRequestId()), new byte[] {0, 0, 0, 0, 99, 1});

    assertThatThrownBy(answer::join)
        .hasCauseInstanceOf(UnreadableReplyException.class)
        .hasMessageContaining(request.getRequestId());
  }

  @Test
  void doesNotWaitForEver() throws Exception {
    CompletableFuture<Reply> answer = client.submit(request(Duration.ofSeconds(-9)), this::note);

    assertThatThrownBy(answer::join)
        .hasCauseInstanceOf(java.util.concurrent.TimeoutException.class);
  }

  @Test
  void refusesAnIdWhoseAnswerItWouldNotSee() {
    RequestAccepted request = request(Duration.ofMinutes(1));
    RequestId foreign =
        RequestId.of(
            Instant.now(),
            (RequestId.parse(request.getRequestId()).replyPartition() + 1) % 16,
            RandomGenerator.getDefault());
    request = RequestAccepted.newBuilder(request).setRequestId(foreign.toString()).build();

    RequestAccepted refused = request;
    assertThatThrownBy(() -> client.submit(refused, this::note))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(foreign.toString());
  }

  private void note(Reply reply) {
    if (reply.getEvent() instanceof Deltas deltas) {
      deltas.getDeltas().forEach(delta -> text.add(((TextDelta) delta.getContent()).getText()));
    }
  }

  private RequestAccepted request(Duration fromNow) {
    Instant now = Instant.now();
    return RequestAccepted.newBuilder()
        .setRequestId(client.newId().toString())
        .setTenant("acme")
        .setKeyId("main")
        .setProtocol(Protocol.OPENAI_CHAT)
        .setAcceptedAt(now)
        .setDeadline(now.plus(fromNow))
        .setBody(
            ChatRequest.newBuilder()
                .setModel("m")
                .setMessages(List.of())
                .setSampling(Sampling.newBuilder().build())
                .build())
        .build();
  }

  private static Attached attachedTo(RequestId earlier) {
    return Attached.newBuilder()
        .setRequestId(earlier.toString())
        .setRendering(
            Rendering.newBuilder()
                .setTenant("acme")
                .setKeyId("main")
                .setProtocol(Protocol.OPENAI_CHAT)
                .setModelAsked("m")
                .setAcceptedAt(Instant.now())
                .setStream(true)
                .setIncludeUsage(false)
                .build())
        .build();
  }

  private RequestAccepted withBody(byte[] body) {
    return RequestAccepted.newBuilder(request(Duration.ofMinutes(1)))
        .setBody(null)
        .setContent(new InlineBody(ByteBuffer.wrap(body)))
        .build();
  }

  private static byte[] body(int length) {
    byte[] body = new byte[length];
    RandomGenerator.of("L64X128MixRandom").nextBytes(body);
    return body;
  }

  /** The request as it stands on the log. */
  private RequestAccepted written(RequestAccepted request) {
    Deserializer<RequestAccepted> requests = schemas.deserializer(RequestAccepted.class);
    return find(
        Topics.REQUESTS,
        record -> requests.deserialize(record.topic(), record.value()),
        found -> found.getRequestId().equals(request.getRequestId()));
  }

  private <T> T find(
      Topic topic, Function<ConsumerRecord<String, byte[]>, T> read, Predicate<T> wanted) {
    try (KafkaConsumer<String, byte[]> consumer = KafkaSettings.open(kafka.consumer("test"))) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic.name()).stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
      while (System.nanoTime() < end) {
        for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          T value = read.apply(record);
          if (wanted.test(value)) {
            return value;
          }
        }
      }
      throw new AssertionError("Nothing of the kind is on " + topic.name());
    }
  }

  private static Opened opened() {
    return Opened.newBuilder()
        .setProvider("p")
        .setModel("m")
        .setWorkerId("w")
        .setWorkerEpoch(1)
        .build();
  }

  private static Deltas text(String text) {
    return new Deltas(List.of(Delta.newBuilder().setContent(new TextDelta(text)).build()));
  }

  private void reply(RequestId id, long claim, int sequence, Object event) {
    Reply reply = new Reply(id.toString(), 1, claim, sequence, Instant.now(), event);
    write(id, schemas.<Reply>serializer().serialize(Topics.REPLIES.name(), reply));
  }

  private void write(RequestId id, byte[] value) {
    worker
        .send(
            new ProducerRecord<>(Topics.REPLIES.name(), id.replyPartition(), id.toString(), value))
        .isDone();
  }
}
