package dev.tokenbus.router.lifecycle;

import dev.tokenbus.runtime.catalogue.Catalogue;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.AttemptEvent;
import dev.tokenbus.schemas.avro.AttemptFinished;
import dev.tokenbus.schemas.avro.AttemptOutcome;
import dev.tokenbus.schemas.avro.AttemptStarted;
import dev.tokenbus.schemas.avro.CatalogueEntry;
import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.ContentForm;
import dev.tokenbus.schemas.avro.InlineBody;
import dev.tokenbus.schemas.avro.Message;
import dev.tokenbus.schemas.avro.ModelEntry;
import dev.tokenbus.schemas.avro.ModelRoute;
import dev.tokenbus.schemas.avro.Priority;
import dev.tokenbus.schemas.avro.Protocol;
import dev.tokenbus.schemas.avro.ProviderEntry;
import dev.tokenbus.schemas.avro.RequestAccepted;
import dev.tokenbus.schemas.avro.RequestFeatures;
import dev.tokenbus.schemas.avro.RequestHeader;
import dev.tokenbus.schemas.avro.Role;
import dev.tokenbus.schemas.avro.Sampling;
import dev.tokenbus.schemas.avro.TextPart;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.avro.UsageSource;
import dev.tokenbus.schemas.avro.WorkerHeartbeat;
import dev.tokenbus.schemas.avro.WorkerPool;
import dev.tokenbus.schemas.avro.WorkerState;
import dev.tokenbus.schemas.errors.ErrorCode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Requests, reports and catalogues for tests. */
public final class Samples {
  public static final Instant START = Instant.parse("2026-11-21T10:00:00Z");
  public static final String TENANT = "acme";

  /** Served by `east`, then by `west`. */
  public static final String MODEL = "gpt-two-ways";

  /** Served by `east` alone. */
  public static final String SINGLE = "gpt-one-way";

  public static final String WORKER = "worker-1";

  /** The ingress's estimate of every prompt. */
  public static final long PROMPT_TOKENS = 11;

  private Samples() {}

  public static RequestId id(long seed, Instant acceptedAt) {
    return RequestId.of(acceptedAt, (int) (seed % 16), new SplittableRandom(seed));
  }

  public static RequestAccepted request(RequestId id, String model, Duration patience) {
    return request(id, model, patience, "Hello");
  }

  /** As 0.2.0 writes it: the text is the body's bytes, which the router does not decode. */
  public static RequestAccepted request(
      RequestId id, String model, Duration patience, String text) {
    return RequestAccepted.newBuilder()
        .setRequestId(id.toString())
        .setTenant(TENANT)
        .setKeyId("key")
        .setTeam("team")
        .setProtocol(Protocol.OPENAI_CHAT)
        .setPriority(Priority.INTERACTIVE)
        .setAcceptedAt(id.acceptedAt())
        .setDeadline(id.acceptedAt().plus(patience))
        .setTraceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
        .setBody(null)
        .setModelAsked(model)
        .setContent(new InlineBody(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8))))
        .setFeatures(
            RequestFeatures.newBuilder()
                .setStream(true)
                .setIncludeUsage(true)
                .setEstimatedInputTokens(PROMPT_TOKENS)
                .build())
        .build();
  }

  /** As 0.1.0 writes it: the body in the record, and what it says nowhere else. */
  public static RequestAccepted legacy(RequestId id, String model, Duration patience, String text) {
    Message message =
        Message.newBuilder()
            .setRole(Role.USER)
            .setParts(List.of(TextPart.newBuilder().setText(text).build()))
            .setForm(ContentForm.STRING)
            .build();
    ChatRequest chat =
        ChatRequest.newBuilder()
            .setModel(model)
            .setMessages(List.of(message))
            .setSampling(Sampling.newBuilder().build())
            .setStream(true)
            .setIncludeUsage(true)
            .build();
    return RequestAccepted.newBuilder(request(id, model, patience, text))
        .setModelAsked("")
        .setContent(null)
        .setFeatures(RequestFeatures.newBuilder().build())
        .setBody(chat)
        .build();
  }

  /** What the router reads of a request. */
  public static RequestHeader header(RequestAccepted request) {
    return RequestHeader.newBuilder()
        .setRequestId(request.getRequestId())
        .setTenant(request.getTenant())
        .setKeyId(request.getKeyId())
        .setTeam(request.getTeam())
        .setProtocol(request.getProtocol())
        .setPriority(request.getPriority())
        .setAcceptedAt(request.getAcceptedAt())
        .setDeadline(request.getDeadline())
        .setIdempotencyKey(request.getIdempotencyKey())
        .setBodyHash(request.getBodyHash())
        .setTraceparent(request.getTraceparent())
        .setModelAsked(request.getModelAsked())
        .setContent(request.getContent())
        .setFeatures(request.getFeatures())
        .build();
  }

  /**
   * The same, so that it may be sent again.
   *
   * @param body tells bodies apart
   */
  public static RequestAccepted underKey(RequestAccepted request, String key, int body) {
    return RequestAccepted.newBuilder(request)
        .setIdempotencyKey(key)
        .setBodyHash(ByteBuffer.wrap(new byte[] {1, 2, (byte) body}))
        .build();
  }

  public static AttemptEvent started(
      RequestId id, Attempt attempt, long claim, String worker, Instant at) {
    return event(
        id, attempt, claim, worker, at, AttemptStarted.newBuilder().setDeliveryCount(1).build());
  }

  public static AttemptEvent succeeded(
      RequestId id, Attempt attempt, long claim, String worker, Instant at) {
    return event(
        id,
        attempt,
        claim,
        worker,
        at,
        finished(AttemptOutcome.SUCCEEDED, null, true, usage(12, 34)));
  }

  public static AttemptEvent failed(
      RequestId id,
      Attempt attempt,
      long claim,
      String worker,
      Instant at,
      ErrorCode code,
      boolean delivered) {
    return event(
        id, attempt, claim, worker, at, finished(AttemptOutcome.FAILED, code, delivered, null));
  }

  public static AttemptEvent event(
      RequestId id, Attempt attempt, long claim, String worker, Instant at, Object event) {
    return AttemptEvent.newBuilder()
        .setRequestId(id.toString())
        .setTenant(TENANT)
        .setAttempt(attempt.number())
        .setClaim(claim)
        .setProvider(attempt.provider())
        .setModel(attempt.model())
        .setWorkerId(worker)
        .setWorkerEpoch(1)
        .setAt(at)
        .setEvent(event)
        .build();
  }

  public static AttemptFinished finished(
      AttemptOutcome outcome,
      @Nullable ErrorCode code,
      boolean delivered,
      @Nullable TokenUsage usage) {
    return AttemptFinished.newBuilder()
        .setOutcome(outcome)
        .setErrorCode(code == null ? null : code.wireName())
        .setErrorMessage(code == null ? null : "It did not work: " + code)
        .setDelivered(delivered)
        .setUsage(usage)
        .setUpstreamModel("upstream-model-2026")
        .setProviderRequestId("req_1")
        .setFinishReason(outcome == AttemptOutcome.SUCCEEDED ? "stop" : null)
        .setTimeToFirstTokenMs(20L)
        .setDurationMs(40)
        .build();
  }

  public static TokenUsage usage(long input, long output) {
    return TokenUsage.newBuilder()
        .setInput(input)
        .setOutput(output)
        .setSource(UsageSource.PROVIDER)
        .setRaw("{\"prompt_tokens\":" + input + "}")
        .build();
  }

  /** Both providers and both models. */
  public static Catalogue catalogue(Object... more) {
    Map<String, CatalogueEntry> entries = new HashMap<>();
    add(entries, provider("east"));
    add(entries, provider("west"));
    add(entries, model(MODEL, route("east", "big"), route("west", "large")));
    add(entries, model(SINGLE, route("east", "small")));
    for (Object entry : more) {
      add(entries, entry);
    }
    return Catalogue.of(entries);
  }

  public static ProviderEntry provider(String name) {
    return ProviderEntry.newBuilder().setName(name).setDialect("simulated").build();
  }

  public static ModelEntry model(String name, ModelRoute... routes) {
    return ModelEntry.newBuilder()
        .setName(name)
        .setRoutes(List.of(routes))
        .setCreated(START)
        .build();
  }

  public static ModelRoute route(String provider, String model) {
    return ModelRoute.newBuilder().setProvider(provider).setModel(model).build();
  }

  public static WorkerHeartbeat heartbeat(
      String worker, long epoch, Instant at, WorkerState state, int slots, int free) {
    WorkerPool pool =
        WorkerPool.newBuilder()
            .setProvider("east")
            .setPriority(Priority.INTERACTIVE)
            .setSlots(slots)
            .setFree(free)
            .build();
    return WorkerHeartbeat.newBuilder()
        .setWorkerId(worker)
        .setEpoch(epoch)
        .setAt(at)
        .setState(state)
        .setPools(List.of(pool))
        .build();
  }

  public static CatalogueEntry entry(Object entry) {
    return CatalogueEntry.newBuilder().setAppliedAt(START).setEntry(entry).build();
  }

  private static void add(Map<String, CatalogueEntry> entries, Object entry) {
    CatalogueEntry wrapped = entry(entry);
    entries.put(Catalogue.keyOf(wrapped), wrapped);
  }
}
