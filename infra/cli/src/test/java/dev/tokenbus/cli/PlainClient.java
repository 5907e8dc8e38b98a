package dev.tokenbus.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/**
 * Asks for one stream and never comes back to it. It goes to the next of the ingresses only where
 * this one has certainly taken nothing: it refused the connection, or answered 503 and said when to
 * try again. One thread.
 */
final class PlainClient {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Duration PAUSE = Duration.ofMillis(100);

  private final HttpClient http;
  private final List<URI> ingresses;
  private final String key;
  private final StreamEvents events = new StreamEvents();
  private String requestId = "";
  private int turnedAway;

  PlainClient(HttpClient http, List<URI> ingresses, String key) {
    this.http = http;
    this.ingresses = List.copyOf(ingresses);
    this.key = key;
  }

  /**
   * Returns when the stream has ended with {@code [DONE]}, and its body with it.
   *
   * @throws IOException if it broke, or was refused for good
   */
  PlainClient ask(String body) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (System.nanoTime() < deadline) {
      if (answered(ingresses.get(turnedAway % ingresses.size()), body)) {
        return this;
      }
      turnedAway++;
      Thread.sleep(PAUSE);
    }
    throw new IOException("No ingress has taken the request; asked " + turnedAway + " times");
  }

  /** Returns false if the ingress has certainly taken nothing. */
  private boolean answered(URI ingress, String body) throws IOException, InterruptedException {
    HttpResponse<InputStream> response;
    try {
      response =
          http.send(post(ingress, key, body).build(), HttpResponse.BodyHandlers.ofInputStream());
    } catch (ConnectException e) {
      return false;
    }
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
      if (response.statusCode() != 200) {
        String answer = String.join("\n", lines.lines().toList());
        if (response.statusCode() == 503
            && response.headers().firstValue("Retry-After").isPresent()) {
          return false;
        }
        throw new IOException(response.statusCode() + " " + answer);
      }
      requestId = response.headers().firstValue("X-Request-Id").orElseThrow();
      if (!events.read(lines)) {
        throw new IOException(requestId + " ended after " + events.count() + " events");
      }
      if (lines.readLine() != null) {
        throw new IOException(requestId + " goes on after its last event");
      }
      return true;
    }
  }

  /** The request that begins a stream. */
  static HttpRequest.Builder post(URI ingress, String key, String body) {
    return HttpRequest.newBuilder(ingress.resolve("/v1/chat/completions"))
        .header("Authorization", "Bearer " + key)
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(body));
  }

  String requestId() {
    return requestId;
  }

  /** The answer's text. */
  String text() throws IOException {
    return events.text();
  }

  /** How often an ingress has refused to take the request. */
  int turnedAway() {
    return turnedAway;
  }
}
