package dev.tokenbus.workers;

import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.AttemptDispatched;
import dev.tokenbus.schemas.avro.CallTimeouts;
import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.ContentForm;
import dev.tokenbus.schemas.avro.Message;
import dev.tokenbus.schemas.avro.Priority;
import dev.tokenbus.schemas.avro.Protocol;
import dev.tokenbus.schemas.avro.ProviderEntry;
import dev.tokenbus.schemas.avro.Role;
import dev.tokenbus.schemas.avro.Sampling;
import dev.tokenbus.schemas.avro.TextPart;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** Requests, dispatches and catalogue entries for tests. */
public final class Samples {
  public static final CallTimeouts TIMEOUTS = new CallTimeouts(5_000L, 10_000L, 5_000L);

  private Samples() {}

  public static RequestId newRequest() {
    return RequestId.of(Instant.now(), 3, ThreadLocalRandom.current());
  }

  public static ChatRequest ask(String prompt, boolean stream) {
    return ChatRequest.newBuilder()
        .setModel("asked")
        .setMessages(List.of(user(prompt)))
        .setSampling(Sampling.newBuilder().build())
        .setStream(stream)
        .build();
  }

  public static Message user(String text) {
    return Message.newBuilder()
        .setRole(Role.USER)
        .setParts(List.of(new TextPart(text, null, null, List.of(), null)))
        .setForm(ContentForm.STRING)
        .build();
  }

  public static AttemptDispatched dispatched(
      RequestId request, int attempt, String provider, String upstreamModel, ChatRequest body) {
    Instant now = Instant.now();
    return AttemptDispatched.newBuilder()
        .setRequestId(request.toString())
        .setTenant("acme")
        .setKeyId("web")
        .setAttempt(attempt)
        .setProvider(provider)
        .setModel("asked")
        .setUpstreamModel(upstreamModel)
        .setProtocol(Protocol.OPENAI_CHAT)
        .setPriority(Priority.INTERACTIVE)
        .setDispatchedAt(now)
        .setDeadline(now.plusSeconds(60))
        .setTimeouts(TIMEOUTS)
        .setBody(body)
        .build();
  }

  public static ProviderEntry openai(String name, URI baseUrl, int slots) {
    return ProviderEntry.newBuilder()
        .setName(name)
        .setDialect("openai")
        .setBaseUrl(baseUrl.toString())
        .setSlots(slots)
        .build();
  }
}
