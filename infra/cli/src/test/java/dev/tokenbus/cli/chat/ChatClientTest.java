package dev.tokenbus.cli.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class ChatClientTest {
  private static final List<ChatMessage> HELLO = List.of(new ChatMessage("user", "Hello"));
  private final AtomicReference<String> sent = new AtomicReference<>("");

  @Test
  void givesOutTheTextAsItComesAndReturnsItWhole() throws Exception {
    List<String> pieces = new ArrayList<>();

    String answer =
        ask(
            200,
            """
            : heartbeat

            id: 7.0
            data: {"choices":[{"delta":{"role":"assistant","content":""}}]}

            data: {"choices":[{"delta":{"content":"Hel~lo"}}]}

            data: {"choices":[{"delta":{"content":" you"}}]}

            data: {"choices":[{"delta":{},"finish_reason":"stop"}]}

            data: [DONE]

            """
                .replace('~', '\u2028'),
            pieces);

    assertThat(answer).isEqualTo("Hel\u2028lo you");
    assertThat(pieces).containsExactly("Hel\u2028lo", " you");
    assertThat(sent.get())
        .isEqualTo(
            "{\"model\":\"m\",\"stream\":true,"
                + "\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}");
  }

  @Test
  void saysWhyTheApiRefuses() {
    assertThatThrownBy(
            () -> ask(404, "{\"error\":{\"message\":\"no model m\"}}", new ArrayList<>()))
        .isInstanceOf(ChatFailedException.class)
        .hasMessage("HTTP 404: no model m");
    assertThatThrownBy(() -> ask(502, "<html>bad gateway</html>", new ArrayList<>()))
        .hasMessage("HTTP 502: <html>bad gateway</html>");
  }

  @Test
  void takesNoBrokenAnswerForAWholeOne() {
    assertThatThrownBy(() ->
            ask(
                200,
                "data: {\"choices\":[{\"delta\":{\"content\":\"Hel\"}}]}\n\n",
                new ArrayList<>()))
        .hasMessageContaining("closed before its end");
    assertThatThrownBy(() ->
            ask(200, "data: {\"error\":{\"message\":\"worker lost\"}}\n\n", new ArrayList<>()))
        .hasMessage("the answer broke off: worker lost");
  }

  @Test
  void saysHowToStartWhatDoesNotAnswer() throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    try (ChatClient client = new ChatClient("http://127.0.0.1:" + port, "k")) {
      assertThatThrownBy(() -> client.ask("m", HELLO, _ -> {})).hasMessageContaining("tokenbus up");
    }
  }

  private String ask(int status, String body, List<String> pieces) throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/v1/chat/completions",
        exchange -> {
          sent.set(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
          boolean authorised =
              "Bearer k".equals(exchange.getRequestHeaders().getFirst("Authorization"));
          exchange.sendResponseHeaders(authorised ? status : 401, 0);
          exchange.getResponseBody().write(body.getBytes(StandardCharsets.UTF_8));
          exchange.close();
        });
    server.start();
    try (ChatClient client =
        new ChatClient("http://127.0.0.1:" + server.getAddress().getPort(), "k")) {
      return client.ask("m", HELLO, pieces::add);
    } finally {
      server.stop(0);
    }
  }
}
