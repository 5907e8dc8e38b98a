package dev.tokenbus.chaos.client;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Flow;

/**
 * The HTTP calls of the clients.
 *
 * <p>Thread-safe. Closing waits for no call.
 */
public final class ChatApi implements AutoCloseable {
  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(2);

  /** An ingress commits to a stream after ten seconds at the latest. */
  private static final Duration HEADERS_LIMIT = Duration.ofSeconds(15);

  /** An answer that is not streamed sends nothing before its end. */
  private static final Duration WHOLE_LIMIT = Duration.ofSeconds(40);

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECT_LIMIT)
          .build();
  private final List<URI> ingresses;
  private final String key;

  /**
   * Calls nobody yet.
   *
   * @param key the API key
   */
  public ChatApi(List<URI> ingresses, String key) {
    this.ingresses = List.copyOf(ingresses);
    this.key = key;
  }

  HttpResponse<Flow.Publisher<List<ByteBuffer>>> open(ClientRequest request, int ingress)
      throws IOException, InterruptedException {
    return http.send(
        post(request, ingress, HEADERS_LIMIT), HttpResponse.BodyHandlers.ofPublisher());
  }

  /**
   * Resumes a stream.
   *
   * @param lastEvent empty to read it from the beginning
   */
  HttpResponse<Flow.Publisher<List<ByteBuffer>>> resume(
      String requestId, String lastEvent, int ingress) throws IOException, InterruptedException {
    HttpRequest.Builder request = request(ingress, "/v1/streams/" + requestId, HEADERS_LIMIT).GET();
    if (!lastEvent.isEmpty()) {
      request.header("Last-Event-ID", lastEvent);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofPublisher());
  }

  HttpResponse<String> whole(ClientRequest request, int ingress)
      throws IOException, InterruptedException {
    return http.send(post(request, ingress, WHOLE_LIMIT), HttpResponse.BodyHandlers.ofString());
  }

  private HttpRequest post(ClientRequest request, int ingress, Duration limit) {
    return request(ingress, "/v1/chat/completions", limit)
        .header("Content-Type", "application/json")
        .header("Idempotency-Key", request.key())
        .POST(HttpRequest.BodyPublishers.ofString(ChatJson.request(request)))
        .build();
  }

  private HttpRequest.Builder request(int ingress, String path, Duration limit) {
    URI base = ingresses.get(Math.floorMod(ingress, ingresses.size()));
    return HttpRequest.newBuilder(base.resolve(path))
        .timeout(limit)
        .header("Authorization", "Bearer " + key);
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
