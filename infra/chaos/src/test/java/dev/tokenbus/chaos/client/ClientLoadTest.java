package dev.tokenbus.chaos.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** No request and no client may be missing in what a load reports. */
class ClientLoadTest {
  private HttpServer server;

  /** Every response is 200 and no JSON. */
  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          try (OutputStream body = exchange.getResponseBody()) {
            body.write("data: {\"choices\":[\n\n".getBytes(StandardCharsets.UTF_8));
          }
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void goesOnAfterAResponseThatCannotBeRead() throws Exception {
    try (ChatApi api = api();
        ClientLoad load = load(api, line -> {})) {
      await().until(() -> load.results().size() > 6);
      load.stop();
      load.await();

      assertThat(load.results())
          .extracting(ClientResult::outcome)
          .containsOnly(ClientResult.Outcome.WRONG_TEXT);
      assertThat(load.vanished()).isZero();
      assertThat(ClientCounts.of(load.results(), load.vanished()).clean()).isFalse();
    }
  }

  @Test
  void countsClientsThatEndBeforeTheyAreStopped() throws Exception {
    try (ChatApi api = api();
        ClientLoad load =
            load(
                api,
                line -> {
                  throw new IllegalStateException("a client dies of this");
                })) {
      load.await();

      assertThat(load.vanished()).isEqualTo(3);
      assertThat(ClientCounts.of(List.of(), load.vanished()).clean()).isFalse();
    }
  }

  private ChatApi api() {
    URI ingress = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    return new ChatApi(List.of(ingress), "key");
  }

  private static ClientLoad load(ChatApi api, Consumer<String> log) {
    return ClientLoad.start(api, Requests.MIXED, 3, 1, log);
  }
}
