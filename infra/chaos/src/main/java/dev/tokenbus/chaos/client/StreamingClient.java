package dev.tokenbus.chaos.client;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Flow;

/**
 * Reads a stream and resumes it after the last event that it has read. A client that abandons its
 * request stops after half of the text.
 */
final class StreamingClient extends RetryingClient {
  /** Heartbeats come every ten seconds. */
  private static final Duration READ_LIMIT = Duration.ofSeconds(13);

  private static final int OK = 200;

  private final StringBuilder text = new StringBuilder();
  private final EventIdSequence order = new EventIdSequence();
  private String requestId = "";
  private boolean finished;

  StreamingClient(ClientRequest request, ChatApi api, int ingress) {
    super(request, api, ingress);
  }

  @Override
  Optional<ClientResult> attempt(int ingressToAsk) throws IOException, InterruptedException {
    HttpResponse<Flow.Publisher<List<ByteBuffer>>> response =
        requestId.isEmpty()
            ? api.open(request, ingressToAsk)
            : api.resume(requestId, order.last(), ingressToAsk);
    try (ResponseBodyReader body = new ResponseBodyReader()) {
      response.body().subscribe(body);
      if (response.statusCode() != OK) {
        return refused(response, text(body));
      }
      response.headers().firstValue("X-Request-Id").ifPresent(id -> requestId = id);
      return read(new SseReader(body, READ_LIMIT));
    }
  }

  private Optional<ClientResult> read(SseReader events) throws IOException, InterruptedException {
    Optional<SseEvent> event = events.next();
    while (event.isPresent()) {
      Optional<ClientResult> end = take(event.get());
      if (end.isPresent()) {
        return end;
      }
      event = events.next();
    }
    note("the stream ended without " + ChatJson.DONE);
    return Optional.empty();
  }

  private Optional<ClientResult> take(SseEvent event) {
    if (!event.id().isEmpty() && !order.accept(event.id())) {
      return Optional.of(
          result(
              ClientResult.Outcome.WRONG_TEXT,
              "event id " + event.id() + " does not follow" + progress()));
    }
    if (event.data().equals(ChatJson.DONE)) {
      return Optional.of(
          finished
              ? judge(text.toString())
              : result(
                  ClientResult.Outcome.WRONG_TEXT,
                  ChatJson.DONE + " without a finish reason" + progress()));
    }
    Optional<String> error = ChatJson.error(event.data());
    if (error.isPresent()) {
      return Optional.of(result(ClientResult.Outcome.FAILED, error.get() + progress()));
    }
    String delta = ChatJson.delta(event.data());
    if (!delta.isEmpty()) {
      stalls.progressed();
      text.append(delta);
    }
    finished |= ChatJson.finishes(event.data());
    boolean abandons =
        request.kind() == ClientRequest.Kind.ABANDON
            && text.length() > request.expected().map(String::length).orElse(0) / 2;
    return abandons ? Optional.of(result(ClientResult.Outcome.ABANDONED, "")) : Optional.empty();
  }

  @Override
  String progress() {
    return " (request %s, last event %s, %d characters)"
        .formatted(requestId.isEmpty() ? "unknown" : requestId, order.last(), text.length());
  }

  private static String text(ResponseBodyReader body) throws IOException, InterruptedException {
    StringBuilder text = new StringBuilder();
    List<ByteBuffer> buffers = body.next(READ_LIMIT);
    while (!buffers.isEmpty()) {
      buffers.forEach(buffer -> text.append(StandardCharsets.UTF_8.decode(buffer)));
      buffers = body.next(READ_LIMIT);
    }
    return text.toString();
  }
}
