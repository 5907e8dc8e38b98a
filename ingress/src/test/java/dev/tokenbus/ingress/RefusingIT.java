package dev.tokenbus.ingress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tokenbus.embedded.EmbeddedBroker;
import dev.tokenbus.embedded.junit.SharedServers;
import dev.tokenbus.embedded.registry.InMemoryRegistry;
import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.ImagePart;
import dev.tokenbus.schemas.avro.RequestAccepted;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever strangers send, they get a clear answer, and the next request is served as if nothing
 * had been.
 */
@ExtendWith(SharedServers.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RefusingIT {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final BlockingQueue<RequestAccepted> accepted = new LinkedBlockingQueue<>();
  private final Backbone backbone;

  RefusingIT(EmbeddedBroker broker, InMemoryRegistry registry) throws Exception {
    backbone =
        Backbone.start(broker.bootstrapServers(), registry.url(), "TOKENBUS_MAX_IN_FLIGHT", "2");
  }

  @BeforeEach
  void answer() {
    accepted.clear();
    backbone
        .router()
        .follow((request, answer) -> {
          accepted.add(request);
          answer.records().admitted(false, false).opened(1, "m").text("ok").stop();
          answer.records().completed(1, 1);
          answer.send();
        });
  }

  @AfterEach
  void livesOn() {
    answer();
    await()
        .untilAsserted(() ->
            assertThat(backbone.client().post(Client.chat(false)).body())
                .contains("\"content\":\"ok\""));
  }

  @AfterAll
  void stop() {
    backbone.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{ | null",
        "not json | null",
        "[] | null",
        "{\"model\":\"gpt-test\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"a\":1,\"a\":2} | null",
        "{\"model\":\"gpt-test\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"temperature\":NaN} | null",
        "{\"model\":\"gpt-test\",\"messages\":[]} | messages",
        "{\"model\":\"gpt-test\"} | messages",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]} | model",
        "{\"model\":\"gpt-test\",\"messages\":[{\"role\":\"x\",\"content\":\"x\"}]} | messages[0].role",
        "{\"model\":\"gpt-test\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"n\":-1} | n",
      })
  void answersBadRequestsWith400(String body, String param) throws Exception {
    HttpResponse<String> response = backbone.client().post(body);

    assertThat(response.statusCode()).isEqualTo(400);
    JsonNode error = JSON.readTree(response.body()).get("error");
    assertThat(error.get("type").textValue()).isEqualTo("invalid_request_error");
    assertThat(error.get("param").asText()).isEqualTo(param);
    assertThat(response.headers().firstValue("X-Request-Id")).isPresent();
    assertThat(accepted).isEmpty();
  }

  @Test
  void refusesARequestWhoseOutcomeWouldNotFitItsTopic() throws Exception {
    String agent = "\"agent_id\":\"" + "a".repeat(1_200_000) + "\",";

    HttpResponse<String> response =
        backbone.client().post(Client.chat(false).replace("{\"model\"", "{" + agent + "\"model\""));

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(JSON.readTree(response.body()).at("/error/param").textValue()).isEqualTo("agent_id");
    assertThat(accepted).isEmpty();
  }

  @Test
  void refusesDeepNestingAndHugeNumbers() throws Exception {
    String begun =
        "{\"model\":\"gpt-test\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"x\":";

    assertThat(backbone.client().post(begun + "[".repeat(1_000_000)).statusCode()).isEqualTo(400);
    assertThat(backbone.client().post(begun + "{\"a\":".repeat(1_000_000)).statusCode())
        .isEqualTo(400);
    assertThat(
            backbone
                .client()
                .post(begun.replace("\"x\":", "\"seed\":") + "9".repeat(1_000_000) + "}")
                .statusCode())
        .isEqualTo(400);
  }

  @Test
  void refusesTextThatIsNotUtf8() throws Exception {
    byte[] body = Client.chat(false).replace("Hi", "H\u00e9").getBytes(StandardCharsets.ISO_8859_1);

    HttpResponse<String> response =
        backbone.client().send("/v1/chat/completions", request -> json(request, body));

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body()).contains("UTF-8");
  }

  @Test
  void answers404ForAnUnknownModel() throws Exception {
    HttpResponse<String> response =
        backbone.client().post(Client.chat(false).replace(Backbone.MODEL, "gpt-unknown"));

    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(response.body())
        .isEqualTo(
            "{\"error\":{\"message\":\"The model `gpt-unknown` does not exist or you do not have access to it.\","
                + "\"type\":\"invalid_request_error\",\"param\":null,\"code\":\"model_not_found\"}}");
  }

  @Test
  void answers404And405InOpenAisForm() throws Exception {
    HttpResponse<String> unknown = backbone.client().get("/v1/nothing");
    HttpResponse<String> get = backbone.client().get("/v1/chat/completions");
    HttpResponse<String> delete = backbone.client().send("/v1/models", request -> request.DELETE());

    assertThat(unknown.statusCode()).isEqualTo(404);
    assertThat(JSON.readTree(unknown.body()).at("/error/code").textValue()).isEqualTo("not_found");
    assertThat(get.statusCode()).isEqualTo(405);
    assertThat(get.headers().firstValue("Allow")).hasValue("OPTIONS, POST");
    assertThat(delete.statusCode()).isEqualTo(405);
    assertThat(delete.headers().firstValue("Allow")).hasValue("GET, HEAD, OPTIONS");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json; charset=latin1"
      })
  void answers415UnlessItIsJson(String type) throws Exception {
    HttpResponse<String> response =
        backbone
            .client()
            .send(
                "/v1/chat/completions",
                request ->
                    request
                        .header("Content-Type", type)
                        .POST(HttpRequest.BodyPublishers.ofString(Client.chat(false))));

    assertThat(response.statusCode()).isEqualTo(415);
  }

  @Test
  void passesABodyOf9900KilobytesUnchanged() throws Exception {
    String uri = "data:image/png;base64," + "QUJD".repeat(2_474_950);
    String body = image(uri);
    assertThat(body.length()).isBetween(9_899_000, 9_900_999);

    for (boolean chunked : new boolean[] {false, true}) {
      assertThat(send(body, chunked).statusCode()).isEqualTo(200);
      ChatRequest request = backbone.chat(accepted.take());
      ImagePart image = (ImagePart) request.getMessages().getFirst().getParts().getFirst();
      assertThat(image.getUrl().equals(uri)).isTrue();
    }
  }

  @Test
  void answers413ToABodyOf10100Kilobytes() throws Exception {
    String body = image("data:image/png;base64," + "QUJD".repeat(2_525_000));

    for (boolean chunked : new boolean[] {false, true}) {
      HttpResponse<String> response = send(body, chunked);

      assertThat(response.statusCode()).isEqualTo(413);
      assertThat(JSON.readTree(response.body()).at("/error/code").textValue())
          .isEqualTo("request_too_large");
    }
    assertThat(accepted).isEmpty();
  }

  @Test
  void answers413BeforeABodyThatIsAnnouncedAsTooLargeIsSent() throws Exception {
    try (Socket socket =
        backbone
            .client()
            .raw(
                backbone.client().head()
                    + "Content-Length: 5000000000\r\nExpect: 100-continue\r\n\r\n")) {
      assertThat(Client.statusLine(socket)).startsWith("HTTP/1.1 413");
    }
  }

  @Test
  void letsAClientThatAskedFirstSendItsBody() throws Exception {
    String body = Client.chat(false);
    try (Socket socket =
        backbone
            .client()
            .raw(
                backbone.client().head()
                    + "Content-Length: "
                    + body.length()
                    + "\r\nExpect: 100-continue\r\n\r\n")) {
      assertThat(Client.statusLine(socket)).startsWith("HTTP/1.1 100");
      OutputStream out = socket.getOutputStream();
      out.write(body.getBytes(StandardCharsets.UTF_8));
      out.flush();
      byte[] answer = new byte[64];
      int count = socket.getInputStream().read(answer);
      assertThat(new String(answer, 0, count, StandardCharsets.UTF_8)).contains("200");
    }
  }

  @Test
  void doesNotReadABodyWithoutEnd() throws Exception {
    try (Socket socket =
        backbone.client().raw(backbone.client().head() + "Transfer-Encoding: chunked\r\n\r\n")) {
      byte[] chunk = ("10000\r\n" + "x".repeat(0x10000) + "\r\n").getBytes(StandardCharsets.UTF_8);
      Thread writer =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  while (true) {
                    socket.getOutputStream().write(chunk);
                  }
                } catch (IOException e) {
                  // Cut off, as it must be.
                }
              });

      assertThat(Client.statusLine(socket)).startsWith("HTTP/1.1 413");
      assertThat(writer.join(Duration.ofSeconds(20))).isTrue();
    }
  }

  @Test
  void survivesClientsThatBreakOff() throws Exception {
    String head = backbone.client().head();
    for (String begun :
        new String[] {
          "POST /v1/ch",
          head,
          head + "Content-Length: 500\r\n\r\n{\"model\":",
          head + "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"mod",
          head + "Transfer-Encoding: chunked\r\n\r\nZZ\r\n",
          "\u0000\u0001\u0002\r\n\r\n",
          "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: x\r\nX: " + "y".repeat(100_000) + "\r\n\r\n",
        }) {
      backbone.client().raw(begun).close();
    }
  }

  @Test
  void answersWhatIsNotHttpInJsonToo() throws Exception {
    try (Socket socket = backbone.client().raw("GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n")) {
      BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      assertThat(lines.lines().takeWhile(line -> !line.isEmpty()))
          .startsWith("HTTP/1.1 400 Bad Request")
          .contains("Content-Type: application/json");
    }
  }

  @Test
  void answers429WhenTooManyRequestsAreInFlight() throws Exception {
    backbone.router().follow((request, answer) -> accepted.add(request));
    try (Socket first = backbone.client().slow(Client.chat(true), 65_536);
        Socket second = backbone.client().slow(Client.chat(true), 65_536)) {
      accepted.take();
      accepted.take();

      HttpResponse<String> third = backbone.client().post(Client.chat(true));

      assertThat(third.statusCode()).isEqualTo(429);
      assertThat(third.headers().firstValue("Retry-After")).hasValue("1");
      assertThat(first.isConnected() && second.isConnected()).isTrue();
    }
  }

  @Test
  void listsTheModelsOfTheCatalogue() throws Exception {
    JsonNode list = JSON.readTree(backbone.client().get("/v1/models").body());
    HttpResponse<String> one = backbone.client().get("/v1/models/org%2Fmodel-1");
    HttpResponse<String> slash = backbone.client().get("/v1/models/org/model-1");
    HttpResponse<String> none = backbone.client().get("/v1/models/none");

    assertThat(list.get("object").textValue()).isEqualTo("list");
    assertThat(list.get("data").findValuesAsText("id")).contains("gpt-test", "org/model-1");
    assertThat(one.statusCode()).isEqualTo(200);
    assertThat(one.body())
        .isEqualTo(
            "{\"id\":\"org/model-1\",\"object\":\"model\",\"created\":1700000000,\"owned_by\":\"mock\"}");
    assertThat(slash.body()).isEqualTo(one.body());
    assertThat(none.statusCode()).isEqualTo(404);
  }

  @Test
  void answersPreflightsAndExposesHeadersToAnyOrigin() throws Exception {
    HttpResponse<String> preflight =
        backbone
            .client("")
            .send(
                "/v1/chat/completions",
                request ->
                    request
                        .header("Origin", "https://app.example")
                        .header("Access-Control-Request-Headers", "authorization, x-stainless-os")
                        .method("OPTIONS", HttpRequest.BodyPublishers.noBody()));
    HttpResponse<String> refused =
        backbone.client("").send("/v1/models", request -> request.header("Origin", "https://a.b"));

    assertThat(preflight.statusCode()).isEqualTo(204);
    assertThat(preflight.headers().firstValue("Access-Control-Allow-Origin")).hasValue("*");
    assertThat(preflight.headers().firstValue("Access-Control-Allow-Headers"))
        .hasValue("authorization, x-stainless-os");
    assertThat(preflight.headers().firstValue("Access-Control-Allow-Methods"))
        .hasValue("OPTIONS, POST");
    assertThat(preflight.headers().firstValue("Access-Control-Allow-Credentials")).isEmpty();
    assertThat(refused.statusCode()).isEqualTo(401);
    assertThat(refused.headers().firstValue("Access-Control-Allow-Origin")).hasValue("*");
    assertThat(refused.headers().firstValue("Access-Control-Expose-Headers"))
        .hasValueSatisfying(exposed -> assertThat(exposed).contains("X-Request-Id"));
  }

  @Test
  void answersHealthWithoutACredential() throws Exception {
    for (String path : new String[] {"/health", "/health/live", "/health/ready"}) {
      HttpResponse<String> response = backbone.client("").get(path);

      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(JSON.readTree(response.body()).get("status").textValue())
          .isIn("healthy", "alive", "ready");
    }
  }

  private HttpResponse<String> send(String body, boolean chunked) throws Exception {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return backbone
        .client()
        .send(
            "/v1/chat/completions",
            request ->
                request
                    .header("Content-Type", "application/json")
                    .POST(
                        chunked
                            ? HttpRequest.BodyPublishers.ofInputStream(
                                () -> new ByteArrayInputStream(bytes))
                            : HttpRequest.BodyPublishers.ofByteArray(bytes)));
  }

  private static void json(HttpRequest.Builder request, byte[] body) {
    request
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofByteArray(body));
  }

  private static String image(String uri) {
    return "{\"model\":\""
        + Backbone.MODEL
        + "\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\""
        + uri
        + "\"}}]}]}";
  }
}
