package dev.tokenbus.workers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.bench.provider.MockProvider;
import dev.tokenbus.bench.provider.MockText;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.AttemptDispatched;
import dev.tokenbus.schemas.avro.AttemptFinished;
import dev.tokenbus.schemas.avro.AttemptOutcome;
import dev.tokenbus.schemas.avro.BodyReference;
import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.EmbeddingRequest;
import dev.tokenbus.schemas.avro.InlineBody;
import dev.tokenbus.schemas.avro.LogReference;
import dev.tokenbus.schemas.avro.Protocol;
import dev.tokenbus.schemas.avro.RequestAccepted;
import dev.tokenbus.schemas.avro.RequestBody;
import dev.tokenbus.schemas.errors.ErrorCode;
import dev.tokenbus.schemas.topics.Topics;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serializer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RequestBodyIT {
  private Backbone backbone;
  private MockProvider mock;
  private WorkerApp worker;

  @BeforeAll
  void start(@TempDir Path directory) {
    mock = MockProvider.start();
    backbone = new Backbone(directory, Map.of());
    backbone.serve(Samples.openai("mock", mock.baseUrl(), 100));
    worker = backbone.worker("w1");
  }

  @AfterAll
  void stop() {
    worker.close();
    backbone.close();
    mock.close();
  }

  @Test
  void readsABodyInTheDispatch() {
    RequestId request = Samples.newRequest();

    dispatch(request, inline(request));

    answered(request);
  }

  @Test
  void readsALargeBodyFromItsOwnTopic() {
    RequestId request = Samples.newRequest();
    ChatRequest large =
        ChatRequest.newBuilder(Samples.ask(request.toString(), true))
            .setMetadata(Map.of("padding", "x".repeat(9_000_000)))
            .build();

    dispatch(
        request,
        reference(
            backbone.send(Topics.BODIES.name(), null, request.toString(), new RequestBody(large))));

    answered(request);
  }

  @Test
  void readsTheRequestsRecordAndFollowsItsReference() {
    RequestId inline = Samples.newRequest();
    RequestId large = Samples.newRequest();
    RequestId old = Samples.newRequest();

    dispatch(inline, reference(accepted(inline, null, inline(inline))));
    BodyReference body =
        reference(
            backbone.send(
                Topics.BODIES.name(),
                null,
                large.toString(),
                new RequestBody(Samples.ask(large.toString(), true))));
    dispatch(large, reference(accepted(large, null, body)));
    dispatch(old, reference(accepted(old, Samples.ask(old.toString(), true), null)));

    answered(inline);
    answered(large);
    answered(old);
  }

  @Test
  void saysThatABodyIsNoLongerKept() {
    RequestId request = Samples.newRequest();
    RecordMetadata sent =
        backbone.send(
            Topics.BODIES.name(),
            3,
            request.toString(),
            new RequestBody(Samples.ask(request.toString(), true)));
    backbone.forget(new TopicPartition(Topics.BODIES.name(), 3), sent.offset() + 1);

    dispatch(request, reference(sent));

    AttemptFinished finished = backbone.finished(request, 1);
    assertThat(finished.getErrorCode()).isEqualTo(ErrorCode.EXPIRED.wireName());
    assertThat(finished.getErrorMessage()).isEqualTo("The request's body is no longer kept");
  }

  @Test
  void refusesABodyThatItDoesNotServe() {
    RequestId request = Samples.newRequest();
    RequestBody embedding =
        new RequestBody(EmbeddingRequest.newBuilder().setModel("m").setInputs(List.of()).build());

    dispatch(request, new InlineBody(ByteBuffer.wrap(serialized(embedding))));

    assertThat(backbone.finished(request, 1).getErrorCode())
        .isEqualTo(ErrorCode.UNREADABLE_REQUEST.wireName());
    assertThat(backbone.finished(request, 1).getUsage()).isNull();
  }

  @Test
  void readsManyBodiesAtOnce() {
    List<RequestId> requests = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      RequestId request = Samples.newRequest();
      requests.add(request);
      dispatch(request, reference(accepted(request, null, inline(request))));
    }
    long before = System.nanoTime();

    requests.forEach(this::answered);

    assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(10));
  }

  private void answered(RequestId request) {
    assertThat(backbone.finished(request, 1).getOutcome()).isEqualTo(AttemptOutcome.SUCCEEDED);
    // Another consumer reads the replies, which stand on the log before the report.
    Awaitility.await()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(5))
        .until(() -> backbone.transcript(request).ended());
    assertThat(backbone.transcript(request).text()).isEqualTo(MockText.text(request.toString(), 4));
  }

  private void dispatch(RequestId request, Object content) {
    backbone.dispatch(
        AttemptDispatched.newBuilder(
                Samples.dispatched(
                    request, 1, "mock", "mock/4x0", Samples.ask(request.toString(), true)))
            .setBody(null)
            .setContent(content)
            .build());
  }

  private InlineBody inline(RequestId request) {
    return new InlineBody(
        ByteBuffer.wrap(serialized(new RequestBody(Samples.ask(request.toString(), true)))));
  }

  private byte[] serialized(RequestBody body) {
    try (Serializer<SpecificRecord> serializer = backbone.context().schemas().serializer()) {
      return serializer.serialize(Topics.BODIES.name(), body);
    }
  }

  private RecordMetadata accepted(
      RequestId request, @Nullable ChatRequest body, @Nullable Object content) {
    Instant now = Instant.now();
    return backbone.send(
        Topics.REQUESTS.name(),
        null,
        "acme",
        RequestAccepted.newBuilder()
            .setRequestId(request.toString())
            .setTenant("acme")
            .setKeyId("web")
            .setProtocol(Protocol.OPENAI_CHAT)
            .setAcceptedAt(now)
            .setDeadline(now.plusSeconds(60))
            .setBody(body)
            .setContent(content)
            .build());
  }

  private static BodyReference reference(RecordMetadata sent) {
    return new BodyReference(
        new LogReference(sent.topic(), sent.partition(), sent.offset()),
        (long) sent.serializedValueSize());
  }
}
