package dev.tokenbus.chaos.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What clients make of an ingress that misbehaves: they must not miss anything. */
class RetryingClientTest {
  private static final ClientRequest STREAM =
      new ClientRequest(
          "key-1", "quick", "prompt", Optional.of("one two three"), ClientRequest.Kind.STREAM);
  private static final ClientRequest WHOLE =
      new ClientRequest(
          "key-2", "quick", "prompt", Optional.of("one two three"), ClientRequest.Kind.WHOLE);

  private static final String FINISHED =
      """
      data: {"choices":[{"delta":{},"finish_reason":"stop"}]}

      data: [DONE]

      """;

  private final List<String> calls = Collections.synchronizedList(new ArrayList<>());
  private HttpServer server;

  private interface Answer {
    void to(HttpExchange exchange, int call) throws IOException;
  }

  private Answer answer = (exchange, call) -> {};

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/",
        exchange -> {
          calls.add(
              exchange.getRequestMethod()
                  + " "
                  + exchange.getRequestURI()
                  + " "
                  + Optional.ofNullable(exchange.getRequestHeaders().getFirst("Last-Event-ID"))
                      .orElse("-")
                  + " "
                  + Optional.ofNullable(exchange.getRequestHeaders().getFirst("Idempotency-Key"))
                      .orElse("-"));
          answer.to(exchange, calls.size());
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void takesAnyTextOfAModelThatNobodyCanForeseeButNotNone() throws Exception {
    ClientRequest unforeseen =
        new ClientRequest(
            "key-3", "never-the-same", "prompt", Optional.empty(), ClientRequest.Kind.STREAM);
    answer = (exchange, call) -> stream(exchange, "id: 1.0", "so", "end");
    assertThat(run(unforeseen).outcome()).isEqualTo(ClientResult.Outcome.CORRECT);
    answer = (exchange, call) -> stream(exchange, "end");
    assertThat(run(unforeseen).outcome()).isEqualTo(ClientResult.Outcome.WRONG_TEXT);
  }

  @Test
  void readsAStreamToItsEnd() throws Exception {
    answer = (exchange, call) -> stream(exchange, "id: 1.0", "one two", "id: 2.0", " three", "end");

    assertThat(run(STREAM).outcome()).isEqualTo(ClientResult.Outcome.CORRECT);
  }

  @Test
  void takesAStreamUpBehindTheLastEvent() throws Exception {
    answer =
        (exchange, call) -> {
          if (call == 1) {
            stream(exchange, "id: 1.0", "one two");
          } else {
            stream(exchange, "id: 2.0", " three", "end");
          }
        };

    ClientResult result = run(STREAM);

    assertThat(result.outcome()).isEqualTo(ClientResult.Outcome.CORRECT);
    assertThat(result.interruptions()).isEqualTo(1);
    assertThat(calls)
        .containsExactly("POST /v1/chat/completions - key-1", "GET /v1/streams/request-1 1.0 -");
  }

  @Test
  void findsADoubledAMissingAndAnUnfinishedText() throws Exception {
    answer = (exchange, call) -> stream(exchange, "id: 1.0", "one two two three", "end");
    assertThat(run(STREAM).outcome()).isEqualTo(ClientResult.Outcome.WRONG_TEXT);
    answer = (exchange, call) -> stream(exchange, "id: 1.0", "one three", "end");
    assertThat(run(STREAM).outcome()).isEqualTo(ClientResult.Outcome.WRONG_TEXT);
    answer = (exchange, call) -> stream(exchange, "id: 1.0", "one two three", "done");
    assertThat(run(STREAM).outcome()).isEqualTo(ClientResult.Outcome.WRONG_TEXT);
  }

  @Test
  void takesAResponseThatCannotBeReadForAWrongText() throws Exception {
    answer = (exchange, call) -> stream(exchange, "id: 1.0", "one\ntwo", "end");
    assertThat(run(STREAM).outcome()).isEqualTo(ClientResult.Outcome.WRONG_TEXT);
    answer = (exchange, call) -> respond(exchange, 200, "{\"choices\":[");
    ClientResult whole = run(WHOLE);
    assertThat(whole.outcome()).isEqualTo(ClientResult.Outcome.WRONG_TEXT);
    assertThat(whole.detail()).contains("Not JSON", "key-2");
  }

  @Test
  void findsAnEventThatComesTwiceEvenIfTheTextIsRight() throws Exception {
    answer = (exchange, call) -> stream(exchange, "id: 1.0", "one two", "id: 1.0", " three", "end");

    assertThat(run(STREAM).outcome()).isEqualTo(ClientResult.Outcome.WRONG_TEXT);
  }

  @Test
  void takesAnErrorInTheStreamForAFailure() throws Exception {
    answer =
        (exchange, call) -> {
          exchange.sendResponseHeaders(200, 0);
          try (OutputStream body = exchange.getResponseBody()) {
            body.write(utf8("data: {\"error\":{\"code\":\"stalled\",\"message\":\"it did\"}}\n\n"));
          }
        };

    ClientResult result = run(STREAM);

    assertThat(result.outcome()).isEqualTo(ClientResult.Outcome.FAILED);
    assertThat(result.detail()).startsWith("stalled: it did");
  }

  @Test
  void asksAgainUnderTheSameKeyUntilTheWholeAnswerComes() throws Exception {
    answer =
        (exchange, call) -> {
          if (call == 1) {
            respond(exchange, 503, "{\"error\":{\"message\":\"away\"}}");
          } else {
            respond(exchange, 200, "{\"choices\":[{\"message\":{\"content\":\"one two three\"}}]}");
          }
        };

    assertThat(run(WHOLE).outcome()).isEqualTo(ClientResult.Outcome.CORRECT);
    assertThat(calls)
        .containsExactly("POST /v1/chat/completions - key-2", "POST /v1/chat/completions - key-2");
  }

  @Test
  void doesNotAskAgainWhenThatIsOfNoUse() throws Exception {
    answer =
        (exchange, call) -> {
          exchange.getResponseHeaders().set("x-should-retry", "false");
          respond(exchange, 502, "{\"error\":{\"message\":\"broken\"}}");
        };

    assertThat(run(WHOLE).outcome()).isEqualTo(ClientResult.Outcome.FAILED);
    assertThat(calls).hasSize(1);
  }

  private ClientResult run(ClientRequest request) throws InterruptedException {
    URI ingress = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    try (ChatApi api = new ChatApi(List.of(ingress, ingress), "key")) {
      return RetryingClient.of(request, api, 0).run();
    }
  }

  /** Ids, texts, and at the end {@code done}, or {@code end} with a finish reason before it. */
  private static void stream(HttpExchange exchange, String... lines) throws IOException {
    exchange.getResponseHeaders().set("X-Request-Id", "request-1");
    exchange.sendResponseHeaders(200, 0);
    try (OutputStream body = exchange.getResponseBody()) {
      for (String line : lines) {
        switch (line) {
          case "end" -> body.write(utf8(FINISHED));
          case "done" -> body.write(utf8("data: [DONE]\n\n"));
          default ->
              body.write(
                  utf8(
                      line.startsWith("id:")
                          ? line + "\n"
                          : "data: {\"choices\":[{\"delta\":{\"content\":\""
                              + line
                              + "\"}}]}\n\n"));
        }
      }
    }
  }

  private static void respond(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = utf8(body);
    exchange.sendResponseHeaders(status, bytes.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
