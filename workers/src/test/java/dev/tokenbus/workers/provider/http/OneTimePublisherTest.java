package dev.tokenbus.workers.provider.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** With the HTTP client that asks for the pieces, and a server that returns what it was sent. */
class OneTimePublisherTest {
  private final HttpClient client = HttpClient.newHttpClient();
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] got = exchange.getRequestBody().readAllBytes();
          exchange.sendResponseHeaders(200, got.length);
          exchange.getResponseBody().write(got);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    client.close();
  }

  private HttpRequest request(BodyChunks body, Runnable sent) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.getAddress().getPort()))
            .timeout(Duration.ofSeconds(20))
            .POST(body.publisher())
            .build();
    return SentNotice.on(request, sent);
  }

  @Test
  void sendsEveryPieceInOrderAndTellsWhenItIsSent() throws Exception {
    byte[] bytes = new byte[5_000_003];
    new SplittableRandom(7).nextBytes(bytes);
    BodyChunks body = new BodyChunks();
    body.write(bytes, 0, bytes.length);
    CountDownLatch sent = new CountDownLatch(1);

    byte[] echoed =
        client.send(request(body, sent::countDown), HttpResponse.BodyHandlers.ofByteArray()).body();

    assertThat(echoed).isEqualTo(bytes);
    assertThat(sent.await(5, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void sendsABodyOfOnePiece() throws Exception {
    BodyChunks body = new BodyChunks();
    body.write("{}".getBytes(UTF_8), 0, 2);

    assertThat(client.send(request(body, () -> {}), HttpResponse.BodyHandlers.ofString()).body())
        .isEqualTo("{}");
  }

  @Test
  void holdsNothingOfWhatIsSentWhileTheRequestLives() throws Exception {
    byte[] piece = new byte[1_000_000];
    WeakReference<byte[]> held = new WeakReference<>(piece);
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.getAddress().getPort()))
            .POST(new OneTimePublisher(List.of(piece)))
            .build();
    piece = null;

    client.send(request, HttpResponse.BodyHandlers.discarding());

    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (held.get() != null && System.nanoTime() < until) {
      System.gc();
      TimeUnit.MILLISECONDS.sleep(20);
    }
    assertThat(held.get()).isNull();
    assertThat(request.bodyPublisher()).isPresent();
  }

  @Test
  void refusesToSendTheBodyTwice() throws Exception {
    BodyChunks body = new BodyChunks();
    body.write("{}".getBytes(UTF_8), 0, 2);
    HttpRequest request = request(body, () -> {});
    client.send(request, HttpResponse.BodyHandlers.discarding());

    assertThatThrownBy(() -> client.send(request, HttpResponse.BodyHandlers.discarding()))
        .isInstanceOfAny(IOException.class, UncheckedIOException.class)
        .hasMessageContaining("sent before");
  }
}
