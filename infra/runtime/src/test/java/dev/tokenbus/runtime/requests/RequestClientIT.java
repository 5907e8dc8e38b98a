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
import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.Completed;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.Deltas;
import dev.tokenbus.schemas.avro.Opened;
import dev.tokenbus.schemas.avro.Protocol;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.RequestAccepted;
import dev.tokenbus.schemas.avro.Sampling;
import dev.tokenbus.schemas.avro.TextDelta;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.serde.SchemaRegistry;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.TopicProvisioner;
import dev.tokenbus.schemas.topics.Topics;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
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
      new TopicProvisioner(admin).provision(List.of(Topics.REQUESTS, Topics.REPLIES));
    }
    registry = new SchemaRegistry(URI.create(server.url()));
    schemas = new TopicSchemas(registry).resolve(List.of(Topics.REQUESTS, Topics.REPLIES));
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
  void saysThatAReplyIsANewerVersions() {
    RequestAccepted request = request(Duration.ofMinutes(1));
    CompletableFuture<Reply> answer = client.submit(request, this::note);

    write(RequestId.parse(request.getRequestId()), new byte[] {0, 0, 0, 0, 99, 1});

    assertThatThrownBy(answer::join)
        .hasCauseInstanceOf(UnreadableReplyException.class)
        .hasMessageContaining(request.getRequestId());
  }

  @Test
  void doesNotWaitForEver() {
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
