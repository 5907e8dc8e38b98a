package dev.tokenbus.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/**
 * Asks for one stream and keeps at it: where the connection breaks, it comes back to the next of
 * the ingresses with the last event it has seen. One thread.
 */
final class PersistentClient {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private final HttpClient http;
  private final List<URI> ingresses;
  private final String key;
  private final StreamEvents seen = new StreamEvents();
  private String requestId = "";
  private int resumptions;

  PersistentClient(HttpClient http, List<URI> ingresses, String key) {
    this.http = http;
    this.ingresses = List.copyOf(ingresses);
    this.key = key;
  }

  /** Returns when the stream has ended with {@code [DONE]}. */
  PersistentClient ask(String body, String... headers) throws InterruptedException {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    int ingress = 0;
    while (System.nanoTime() < deadline) {
      try {
        HttpRequest request =
            requestId.isEmpty()
                ? post(ingresses.get(ingress), body, headers)
                : resume(ingresses.get(ingress));
        if (read(http.send(request, HttpResponse.BodyHandlers.ofInputStream()))) {
          return this;
        }
      } catch (IOException e) {
        // The connection broke: on to the next.
      }
      ingress = (ingress + 1) % ingresses.size();
      resumptions++;
      Thread.sleep(100);
    }
    throw new AssertionError(
        "Stream " + requestId + " did not end; it has " + seen.count() + " events");
  }

  private HttpRequest post(URI ingress, String body, String... headers) {
    HttpRequest.Builder request = PlainClient.post(ingress, key, body);
    if (headers.length > 0) {
      request.headers(headers);
    }
    return request.build();
  }

  private HttpRequest resume(URI ingress) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(ingress.resolve("/v1/streams/" + requestId))
            .header("Authorization", "Bearer " + key);
    List<String> ids = seen.ids();
    if (!ids.isEmpty()) {
      request.header("Last-Event-ID", ids.getLast());
    }
    return request.build();
  }

  private boolean read(HttpResponse<InputStream> response) throws IOException {
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
      if (response.statusCode() != 200) {
        throw new IOException(response.statusCode() + " " + lines.readLine());
      }
      requestId = response.headers().firstValue("X-Request-Id").orElseThrow();
      return seen.read(lines);
    }
  }

  String requestId() {
    return requestId;
  }

  /** Ids of the events, in the order in which they came. */
  List<String> ids() {
    return seen.ids();
  }

  /** All data, a line for each event. */
  String data() {
    return seen.data();
  }

  /** The answer's text. */
  String text() throws IOException {
    return seen.text();
  }

  /** Between two events. */
  Duration longestGap() {
    return seen.longestGap();
  }

  int resumptions() {
    return resumptions;
  }

  /** May be asked by any thread. */
  int events() {
    return seen.count();
  }
}
