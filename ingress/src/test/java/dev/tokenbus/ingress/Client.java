package dev.tokenbus.ingress;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Speaks to the ingress, through the JDK's client or, where it must see or do what no client does,
 * a bare socket.
 */
final class Client {
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private final URI url;
  private final String key;

  Client(URI url, String key) {
    this.url = url;
    this.key = key;
  }

  static String chat(boolean stream) {
    return "{\"model\":\""
        + Backbone.MODEL
        + "\",\"stream\":"
        + stream
        + ",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";
  }

  HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return send(path, request -> request.GET());
  }

  HttpResponse<String> post(String body) throws IOException, InterruptedException {
    return send(
        "/v1/chat/completions",
        request ->
            request
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  HttpResponse<String> send(String path, Consumer<HttpRequest.Builder> change)
      throws IOException, InterruptedException {
    return HTTP.send(request(path, change), HttpResponse.BodyHandlers.ofString());
  }

  HttpResponse<InputStream> stream(String body) throws IOException, InterruptedException {
    return HTTP.send(
        request(
            "/v1/chat/completions",
            request ->
                request
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(body))),
        HttpResponse.BodyHandlers.ofInputStream());
  }

  private HttpRequest request(String path, Consumer<HttpRequest.Builder> change) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(url.resolve(path)).timeout(Duration.ofSeconds(30));
    if (!key.isEmpty()) {
      request.header("Authorization", "Bearer " + key);
    }
    change.accept(request);
    return request.build();
  }

  /** Sends bytes as they are, and returns the connection. */
  Socket raw(String text) throws IOException {
    Socket socket = new Socket(url.getHost(), url.getPort());
    socket.setSoTimeout(20_000);
    OutputStream out = socket.getOutputStream();
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.flush();
    return socket;
  }

  /** The head of a POST of chat, to be followed by more headers or an empty line. */
  String head() {
    return "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
        + key
        + "\r\nContent-Type: application/json\r\n";
  }

  /**
   * Sends a chat request over a bare socket with a small receive buffer and reads nothing.
   * HTTP/1.0, so that the answer comes without chunks.
   */
  Socket slow(String body, int receiveBytes) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(receiveBytes);
    socket.setSoTimeout(30_000);
    socket.connect(new InetSocketAddress(url.getHost(), url.getPort()));
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    OutputStream out = socket.getOutputStream();
    out.write(
        (head().replace("HTTP/1.1", "HTTP/1.0") + "Content-Length: " + bytes.length + "\r\n\r\n")
            .getBytes(StandardCharsets.UTF_8));
    out.write(bytes);
    out.flush();
    return socket;
  }

  static String statusLine(Socket socket) throws IOException {
    return new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))
        .readLine();
  }
}
