package dev.tokenbus.local.chaos;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Flow;

/**
 * Reads a stream and takes it up again behind the last event that it has seen. A deserter stops
 * after half of the text.
 */
final class StreamConversation extends Conversation {
  /** Heartbeats come every ten seconds. */
  private static final Duration SILENCE = Duration.ofSeconds(13);

  private static final int OK = 200;

  private final StringBuilder text = new StringBuilder();
  private final EventOrder order = new EventOrder();
  private String requestId = "";
  private boolean finished;

  StreamConversation(Job job, Api api, int ingress) {
    super(job, api, ingress);
  }

  @Override
  Optional<JobResult> attempt(int ingressToAsk) throws IOException, InterruptedException {
    HttpResponse<Flow.Publisher<List<ByteBuffer>>> response =
        requestId.isEmpty()
            ? api.open(job, ingressToAsk)
            : api.resume(requestId, order.last(), ingressToAsk);
    try (ByteFeed feed = new ByteFeed()) {
      response.body().subscribe(feed);
      if (response.statusCode() != OK) {
        return refused(response, body(feed));
      }
      response.headers().firstValue("X-Request-Id").ifPresent(id -> requestId = id);
      return read(new SseReader(feed, SILENCE));
    }
  }

  private Optional<JobResult> read(SseReader events) throws IOException, InterruptedException {
    Optional<SseEvent> event = events.next();
    while (event.isPresent()) {
      Optional<JobResult> end = take(event.get());
      if (end.isPresent()) {
        return end;
      }
      event = events.next();
    }
    note("the stream ended without " + ChatText.DONE);
    return Optional.empty();
  }

  private Optional<JobResult> take(SseEvent event) {
    if (!event.id().isEmpty() && !order.accept(event.id())) {
      return Optional.of(
          result(
              JobResult.Ending.WRONG_TEXT,
              "event id " + event.id() + " does not follow" + progress()));
    }
    if (event.data().equals(ChatText.DONE)) {
      return Optional.of(
          finished
              ? judge(text.toString())
              : result(
                  JobResult.Ending.WRONG_TEXT,
                  ChatText.DONE + " without a finish reason" + progress()));
    }
    Optional<String> error = ChatText.error(event.data());
    if (error.isPresent()) {
      return Optional.of(result(JobResult.Ending.FAILED, error.get() + progress()));
    }
    String delta = ChatText.delta(event.data());
    if (!delta.isEmpty()) {
      silences.broken();
      text.append(delta);
    }
    finished |= ChatText.finishes(event.data());
    boolean deserts = job.kind() == Job.Kind.DESERT && text.length() > job.expected().length() / 2;
    return deserts ? Optional.of(result(JobResult.Ending.DESERTED, "")) : Optional.empty();
  }

  @Override
  String progress() {
    return " (request %s, last event %s, %d characters)"
        .formatted(requestId.isEmpty() ? "unknown" : requestId, order.last(), text.length());
  }

  private static String body(ByteFeed feed) throws IOException, InterruptedException {
    StringBuilder body = new StringBuilder();
    List<ByteBuffer> buffers = feed.next(SILENCE);
    while (!buffers.isEmpty()) {
      buffers.forEach(buffer -> body.append(StandardCharsets.UTF_8.decode(buffer)));
      buffers = feed.next(SILENCE);
    }
    return body.toString();
  }
}
