package dev.tokenbus.bench.provider;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tokenbus.bench.http.Exchange;
import dev.tokenbus.bench.http.ExchangeHandler;
import dev.tokenbus.bench.http.HeaderFields;
import dev.tokenbus.bench.http.HttpRequest;
import dev.tokenbus.bench.provider.behaviour.Behaviour;
import dev.tokenbus.bench.provider.behaviour.ProviderFault;
import dev.tokenbus.bench.provider.encoding.Answer;
import dev.tokenbus.bench.provider.encoding.ApiError;
import dev.tokenbus.bench.provider.encoding.WholeEncoder;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Routes requests to answers; on the server's thread, except {@link #behave}. A large body is read
 * on a thread of its own, so that it does not hold up the streams of others.
 */
final class MockApi implements ExchangeHandler, AutoCloseable {
  private static final int LARGE_BYTES = 256 * 1024;
  private static final String CHAT = "/v1/chat/completions";
  private static final String MODELS = "/v1/models";

  private final ObjectMapper mapper =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();
  private final ExecutorService largeBodies =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().name("mock-large-bodies").daemon().factory());
  private final FaultCounter faults = new FaultCounter();
  private final Optional<String> apiKey;
  private final ModelNames models;
  private final RequestJournal journal;
  private final InstantSource clock;
  private volatile Behaviour behaviour;
  private long answers;

  MockApi(MockOptions options, RequestJournal journal, InstantSource clock) {
    this.apiKey = options.apiKey();
    this.models = new ModelNames(options.models());
    this.behaviour = options.behaviour();
    this.journal = journal;
    this.clock = clock;
  }

  void behave(Behaviour value) {
    behaviour = value;
  }

  @Override
  public void close() {
    largeBodies.shutdownNow();
  }

  @Override
  public void handle(HttpRequest request, Exchange exchange) {
    RequestJournal.Entry entry = journal.add(request);
    exchange.whenClientGone(() -> entry.ended(ReceivedRequest.Ending.CLIENT_GONE));
    try {
      route(request, exchange, entry);
    } catch (ApiError e) {
      fail(exchange, entry, e, OptionalInt.empty());
    }
  }

  private void route(HttpRequest request, Exchange exchange, RequestJournal.Entry entry)
      throws ApiError {
    String path = request.path();
    boolean chat = path.equals(CHAT);
    if (!chat && !path.equals(MODELS) && !path.startsWith(MODELS + "/")) {
      throw ApiError.unknownUrl(request.method(), path);
    }
    String expected = chat ? "POST" : "GET";
    if (!request.method().equals(expected)) {
      throw ApiError.wrongMethod(request.method(), path);
    }
    String credential = request.headers().first("Authorization").orElse("");
    if (apiKey.isPresent() && !credential.equals("Bearer " + apiKey.get())) {
      throw ApiError.wrongKey();
    }
    if (chat) {
      chat(request, exchange, entry);
    } else {
      byte[] body =
          path.equals(MODELS)
              ? models.list()
              : models.describe(decoded(path.substring(MODELS.length() + 1)));
      respond(exchange, entry, body);
    }
  }

  private void chat(HttpRequest received, Exchange exchange, RequestJournal.Entry entry)
      throws ApiError {
    if (received.body().length < LARGE_BYTES) {
      answer(ChatRequest.parse(json(received.body())), exchange, entry);
    } else {
      largeBodies.execute(() -> chatOfLargeBody(received.body(), exchange, entry));
    }
  }

  private void chatOfLargeBody(byte[] body, Exchange exchange, RequestJournal.Entry entry) {
    try {
      ChatRequest request = ChatRequest.parse(json(body));
      exchange.loop().execute(() -> answerLarge(request, exchange, entry));
    } catch (ApiError e) {
      exchange.loop().execute(() -> fail(exchange, entry, e, OptionalInt.empty()));
    }
  }

  private void answerLarge(ChatRequest request, Exchange exchange, RequestJournal.Entry entry) {
    try {
      answer(request, exchange, entry);
    } catch (ApiError e) {
      fail(exchange, entry, e, OptionalInt.empty());
    }
  }

  private void answer(ChatRequest request, Exchange exchange, RequestJournal.Entry entry)
      throws ApiError {
    Behaviour asked = models.behaviour(request.model(), behaviour);
    ProviderFault fault = faults.strike(request, asked);
    if (fault instanceof ProviderFault.Status status) {
      ApiError error = ApiError.ofStatus(status.status());
      later(
          exchange,
          asked.pace().headers(),
          () -> fail(exchange, entry, error, status.retryAfterSeconds()));
      return;
    }
    String id = String.format(Locale.ROOT, "chatcmpl-mock%08d", ++answers);
    Answer answer =
        AnswerPlan.of(
            request, asked.content().ofAnswer(answers), id, clock.instant().getEpochSecond());
    entry.answered(answer);
    if (request.stream()) {
      StreamedReply reply =
          new StreamedReply(exchange, answer, asked, fault, request.includeUsage(), entry);
      HeaderFields headers = headers("text/event-stream; charset=utf-8", id);
      later(exchange, asked.pace().headers(), () -> reply.start(headers));
    } else {
      byte[] body = WholeEncoder.encode(answer, asked.wire().usage());
      later(
          exchange, asked.pace().whole(answer.length()), () -> whole(exchange, entry, fault, body));
    }
  }

  /** Faults in a stream have one meaning without one: the connection breaks or nothing comes. */
  private static void whole(
      Exchange exchange, RequestJournal.Entry entry, ProviderFault fault, byte[] body) {
    switch (fault) {
      case ProviderFault.None none -> respond(exchange, entry, body);
      case ProviderFault.Status status -> respond(exchange, entry, body);
      case ProviderFault.Cut cut -> {
        entry.ended(ReceivedRequest.Ending.FAULT);
        exchange.cut(cut.reset());
      }
      case ProviderFault.Stall stall -> {
        // the client waits until it gives up
      }
      case ProviderFault.Malformed malformed -> {
        byte[] half = new byte[body.length / 2];
        System.arraycopy(body, 0, half, 0, half.length);
        respond(exchange, entry, half);
      }
      case ProviderFault.ErrorEvent error ->
          fail(exchange, entry, ApiError.ofStatus(500), OptionalInt.empty());
    }
  }

  private static String decoded(String name) throws ApiError {
    try {
      return URLDecoder.decode(name, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw ApiError.unknownModel(name, "");
    }
  }

  private JsonNode json(byte[] body) throws ApiError {
    try {
      return mapper.readTree(body);
    } catch (JacksonException e) {
      throw ApiError.notJson();
    } catch (IOException e) {
      throw new IllegalStateException("an array of bytes cannot fail to be read", e);
    }
  }

  private static void later(Exchange exchange, Duration wait, Runnable task) {
    if (wait.isZero()) {
      task.run();
    } else {
      exchange.loop().schedule(System.nanoTime() + wait.toNanos(), task);
    }
  }

  private static void respond(Exchange exchange, RequestJournal.Entry entry, byte[] body) {
    entry.ended(ReceivedRequest.Ending.COMPLETE);
    exchange.respond(200, headers("application/json", "req"), body);
  }

  private static void fail(
      Exchange exchange, RequestJournal.Entry entry, ApiError error, OptionalInt retryAfter) {
    HeaderFields headers = headers("application/json", "req");
    if (retryAfter.isPresent()) {
      headers = headers.with("Retry-After", String.valueOf(retryAfter.getAsInt()));
    }
    entry.ended(ReceivedRequest.Ending.FAULT);
    exchange.respond(error.status(), headers, error.json());
  }

  private static HeaderFields headers(String contentType, String id) {
    return HeaderFields.of(
        "Content-Type",
        contentType,
        "x-request-id",
        "req_" + id,
        "openai-version",
        "2020-10-01",
        "openai-processing-ms",
        "1");
  }
}
