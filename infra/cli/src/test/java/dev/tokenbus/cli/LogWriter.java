package dev.tokenbus.cli;

import dev.tokenbus.runtime.AppContext;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.AttemptEvent;
import dev.tokenbus.schemas.avro.AttemptStarted;
import dev.tokenbus.schemas.avro.BilledAttempt;
import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.Completed;
import dev.tokenbus.schemas.avro.ContentForm;
import dev.tokenbus.schemas.avro.Deltas;
import dev.tokenbus.schemas.avro.Message;
import dev.tokenbus.schemas.avro.Priority;
import dev.tokenbus.schemas.avro.Protocol;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.RequestAccepted;
import dev.tokenbus.schemas.avro.RequestFinished;
import dev.tokenbus.schemas.avro.RequestStatus;
import dev.tokenbus.schemas.avro.Role;
import dev.tokenbus.schemas.avro.Sampling;
import dev.tokenbus.schemas.avro.TextPart;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.avro.UsageRecorded;
import dev.tokenbus.schemas.topics.Topic;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** Writes the records that a backbone would write of a request. */
final class LogWriter implements AutoCloseable {
  static final String TENANT = "acme";

  private final Random random = new Random(7);
  private final Map<String, Object> settings;
  private final KafkaProducer<String, SpecificRecord> producer;

  LogWriter(AppContext context) {
    settings = context.kafka().producer("test", Duration.ZERO, Duration.ofSeconds(30));
    producer =
        new KafkaProducer<>(settings, new StringSerializer(), context.schemas().serializer());
  }

  /** Everything of a request that completed a minute ago, but its usage record. */
  RequestId completedButNotBilled(Instant now) throws InterruptedException, ExecutionException {
    RequestId id = accepted(now, now.minusSeconds(30));
    attempted(id);
    replies(id);
    write(Topics.OUTCOMES, TENANT, outcome(id));
    return id;
  }

  RequestId completed(Instant now) throws InterruptedException, ExecutionException {
    RequestId id = completedButNotBilled(now);
    billed(id);
    return id;
  }

  RequestId accepted(Instant now, Instant deadline)
      throws InterruptedException, ExecutionException {
    RequestId id = RequestId.of(now.minusSeconds(90), random.nextInt(16), random);
    ChatRequest body =
        ChatRequest.newBuilder()
            .setModel("mock")
            .setStream(true)
            .setMessages(
                List.of(
                    Message.newBuilder()
                        .setRole(Role.USER)
                        .setForm(ContentForm.STRING)
                        .setParts(List.of(TextPart.newBuilder().setText("Hello").build()))
                        .build()))
            .setSampling(Sampling.newBuilder().build())
            .build();
    write(
        Topics.REQUESTS,
        TENANT,
        RequestAccepted.newBuilder()
            .setRequestId(id.toString())
            .setTenant(TENANT)
            .setKeyId("web")
            .setProtocol(Protocol.OPENAI_CHAT)
            .setAcceptedAt(id.acceptedAt())
            .setDeadline(deadline)
            .setBody(body)
            .build());
    return id;
  }

  void billed(RequestId id) throws InterruptedException, ExecutionException {
    write(
        Topics.USAGE,
        TENANT,
        UsageRecorded.newBuilder()
            .setId(id.toString())
            .setTenant(TENANT)
            .setKeyId("web")
            .setProtocol(Protocol.OPENAI_CHAT)
            .setModelAsked("mock")
            .setPriority(Priority.INTERACTIVE)
            .setStatus(RequestStatus.COMPLETED)
            .setAcceptedAt(id.acceptedAt())
            .setFinishedAt(id.acceptedAt().plusSeconds(30))
            .setAttempts(1)
            .setBilled(attempt())
            .build());
  }

  void garbage(Topic topic) throws InterruptedException, ExecutionException {
    try (KafkaProducer<String, String> raw =
        new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
      raw.send(new ProducerRecord<>(topic.name(), TENANT, "garbage")).get();
    }
  }

  private void attempted(RequestId id) throws InterruptedException, ExecutionException {
    write(
        Topics.ATTEMPTS,
        TENANT,
        AttemptEvent.newBuilder()
            .setRequestId(id.toString())
            .setTenant(TENANT)
            .setAttempt(1)
            .setClaim(11)
            .setProvider("mock")
            .setModel("mock")
            .setWorkerId("worker-1")
            .setWorkerEpoch(1)
            .setAt(id.acceptedAt())
            .setEvent(new AttemptStarted(1))
            .build());
  }

  private void replies(RequestId id) throws InterruptedException, ExecutionException {
    reply(id, 0, new Deltas(List.of()));
    reply(id, 1, new Deltas(List.of()));
    reply(id, 2, Completed.newBuilder().setUsage(tokens()).build());
  }

  private void reply(RequestId id, int sequence, Object event)
      throws InterruptedException, ExecutionException {
    producer
        .send(
            new ProducerRecord<>(
                Topics.REPLIES.name(),
                id.replyPartition(),
                id.toString(),
                new Reply(id.toString(), 1, 11L, sequence, id.acceptedAt(), event)))
        .get();
  }

  private static RequestFinished outcome(RequestId id) {
    return RequestFinished.newBuilder()
        .setRequestId(id.toString())
        .setTenant(TENANT)
        .setKeyId("web")
        .setProtocol(Protocol.OPENAI_CHAT)
        .setModelAsked("mock")
        .setPriority(Priority.INTERACTIVE)
        .setStatus(RequestStatus.COMPLETED)
        .setAcceptedAt(id.acceptedAt())
        .setFinishedAt(id.acceptedAt().plusSeconds(30))
        .setAttempts(1)
        .setBilled(attempt())
        .build();
  }

  private static BilledAttempt attempt() {
    return BilledAttempt.newBuilder()
        .setAttempt(1)
        .setProvider("mock")
        .setModel("mock")
        .setUpstreamModel("mock")
        .setUsage(tokens())
        .setDurationMs(1000)
        .build();
  }

  private static TokenUsage tokens() {
    return TokenUsage.newBuilder().setInput(5).setCacheRead(3).setOutput(7).setReasoning(2).build();
  }

  private void write(Topic topic, String key, SpecificRecord value)
      throws InterruptedException, ExecutionException {
    producer.send(new ProducerRecord<>(topic.name(), key, value)).get();
  }

  @Override
  public void close() {
    producer.close();
  }
}
