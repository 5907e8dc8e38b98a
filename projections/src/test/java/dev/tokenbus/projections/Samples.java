package dev.tokenbus.projections;

import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.BilledAttempt;
import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.ContentForm;
import dev.tokenbus.schemas.avro.Message;
import dev.tokenbus.schemas.avro.Priority;
import dev.tokenbus.schemas.avro.Protocol;
import dev.tokenbus.schemas.avro.RequestAccepted;
import dev.tokenbus.schemas.avro.RequestFinished;
import dev.tokenbus.schemas.avro.RequestStatus;
import dev.tokenbus.schemas.avro.Role;
import dev.tokenbus.schemas.avro.Sampling;
import dev.tokenbus.schemas.avro.TextPart;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.avro.UsageRecorded;
import dev.tokenbus.schemas.avro.UsageSource;
import java.time.Instant;
import java.util.List;
import java.util.random.RandomGenerator;

/** Records like those of a running backbone. */
final class Samples {
  private Samples() {}

  static RequestId id(Instant acceptedAt) {
    return RequestId.of(acceptedAt, 3, RandomGenerator.getDefault());
  }

  static RequestAccepted.Builder accepted(RequestId id, String tenant) {
    return RequestAccepted.newBuilder()
        .setRequestId(id.toString())
        .setTenant(tenant)
        .setKeyId("web")
        .setUser("ada")
        .setProtocol(Protocol.OPENAI_CHAT)
        .setAcceptedAt(id.acceptedAt())
        .setDeadline(id.acceptedAt().plusSeconds(600))
        .setIdempotencyKey("once")
        .setBody(chat("Hello"));
  }

  static ChatRequest chat(String text) {
    return ChatRequest.newBuilder()
        .setModel("gpt-5-mini")
        .setStream(true)
        .setMessages(
            List.of(
                Message.newBuilder()
                    .setRole(Role.USER)
                    .setForm(ContentForm.STRING)
                    .setParts(List.of(TextPart.newBuilder().setText(text).build()))
                    .build()))
        .setSampling(Sampling.newBuilder().build())
        .build();
  }

  static RequestFinished.Builder finished(RequestId id, String tenant) {
    return RequestFinished.newBuilder()
        .setRequestId(id.toString())
        .setTenant(tenant)
        .setKeyId("web")
        .setUser("ada")
        .setProtocol(Protocol.OPENAI_CHAT)
        .setModelAsked("gpt-5-mini")
        .setPriority(Priority.INTERACTIVE)
        .setStatus(RequestStatus.COMPLETED)
        .setAcceptedAt(id.acceptedAt())
        .setDispatchedAt(id.acceptedAt().plusMillis(3))
        .setStartedAt(id.acceptedAt().plusMillis(5))
        .setFinishedAt(id.acceptedAt().plusMillis(905))
        .setAttempts(1)
        .setBilled(billed());
  }

  static UsageRecorded.Builder usage(RequestId id, String tenant) {
    return UsageRecorded.newBuilder()
        .setId(id.toString())
        .setTenant(tenant)
        .setKeyId("web")
        .setUser("ada")
        .setProtocol(Protocol.OPENAI_CHAT)
        .setModelAsked("gpt-5-mini")
        .setPriority(Priority.INTERACTIVE)
        .setStatus(RequestStatus.COMPLETED)
        .setAcceptedAt(id.acceptedAt())
        .setFinishedAt(id.acceptedAt().plusMillis(905))
        .setAttempts(1)
        .setBilled(billed());
  }

  static BilledAttempt billed() {
    return BilledAttempt.newBuilder()
        .setAttempt(1)
        .setProvider("openai")
        .setModel("gpt-5-mini")
        .setUpstreamModel("gpt-5-mini-2026-08")
        .setUsage(tokens())
        .setProviderRequestId("req_1")
        .setFinishReason("stop")
        .setTimeToFirstTokenMs(120L)
        .setDurationMs(900)
        .build();
  }

  static TokenUsage tokens() {
    return TokenUsage.newBuilder()
        .setInput(1)
        .setCacheRead(2)
        .setCacheWrite(3)
        .setCacheWriteOneHour(4)
        .setInputAudio(5)
        .setInputImage(6)
        .setOutput(70)
        .setReasoning(80)
        .setOutputAudio(90)
        .setOutputImage(100)
        .setSource(UsageSource.PROVIDER)
        .setRaw("{\"prompt_tokens\":21}")
        .build();
  }
}
