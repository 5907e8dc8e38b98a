package dev.tokenbus.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.embedded.EmbeddedBroker;
import dev.tokenbus.embedded.junit.SharedServers;
import dev.tokenbus.embedded.registry.InMemoryRegistry;
import dev.tokenbus.ingress.protocol.openai.chat.OpenAiChatDialect;
import dev.tokenbus.ingress.protocol.plain.PlainDialect;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** A dialect that is registered in one line is served whole, beside OpenAI's. */
@ExtendWith(SharedServers.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SecondDialectIT {
  private final Backbone backbone;

  SecondDialectIT(EmbeddedBroker broker, InMemoryRegistry registry) throws Exception {
    backbone =
        Backbone.start(
            List.of(new OpenAiChatDialect(), new PlainDialect()),
            broker.bootstrapServers(),
            registry.url(),
            "TOKENBUS_COMMIT_AFTER_MS",
            "200",
            "TOKENBUS_HEARTBEAT_MS",
            "200",
            "TOKENBUS_DEADLINE_MS",
            "4000");
  }

  @AfterAll
  void stop() {
    backbone.close();
  }

  @BeforeEach
  void answer() {
    backbone
        .router()
        .follow((request, answer) -> {
          answer.admittedAsAsked(request);
          answer.records().opened(1, "m").text("Hel").text("lo").stop().completed(1, 2);
          answer.send();
        });
  }

  @Test
  void answersInOnePiece() throws Exception {
    HttpResponse<String> response = say("/plain/gpt-test:say", "\"Hi\"");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEqualTo("Hello");
  }

  @Test
  void streamsInItsOwnFramingWithTheOptionsOfTheRequest() throws Exception {
    HttpResponse<String> response = say("/plain/gpt-test:say?as=stream", "\"Hi\"", "X-Loud", "1");

    assertThat(response.body()).isEqualTo("data: Hel!\n\ndata: lo!\n\n");
  }

  @Test
  void resumesInTheDialectAndWithTheOptionsOfTheRequest() throws Exception {
    HttpResponse<String> first = say("/plain/gpt-test:say?as=stream", "\"Hi\"", "X-Loud", "1");
    String id = first.headers().firstValue("X-Request-Id").orElseThrow();

    assertThat(backbone.client().get("/v1/streams/" + id).body()).isEqualTo(first.body());
  }

  @Test
  void sendsBlankLinesAsHeartbeatsAndEndsOverdueStreamsWithItsOwnEvent() throws Exception {
    backbone.router().follow((request, answer) -> answer.admittedAsAsked(request).send());

    HttpResponse<String> response = say("/plain/gpt-test:say?as=stream", "\"Hi\"");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body())
        .matches("(?s)\\n{3,}event: oops\\ndata: The request was not answered.*\\n\\n");
  }

  @Test
  void refusesInItsOwnWords() throws Exception {
    HttpResponse<String> invalid = say("/plain/gpt-test:say", "Hi");
    HttpResponse<String> unknown = say("/plain/nobody:say", "\"Hi\"");
    HttpResponse<String> stranger =
        new Client(backbone.ingress().url(), "")
            .send(
                "/plain/gpt-test:say",
                request -> request.POST(HttpRequest.BodyPublishers.noBody()));

    assertThat(invalid.statusCode()).isEqualTo(400);
    assertThat(invalid.body()).isEqualTo("Say it in quotes.");
    assertThat(unknown.statusCode()).isEqualTo(418);
    assertThat(stranger.statusCode()).isEqualTo(401);
    assertThat(stranger.headers().firstValue("x-plain-error")).hasValue("yes");
  }

  @Test
  void sharesAPathWithAnotherDialectWhereAHeaderDecides() throws Exception {
    assertThat(backbone.client().get("/v1/models").body()).startsWith("{\"object\":\"list\"");
    assertThat(
            backbone
                .client()
                .send("/v1/models", request -> request.GET().header("X-Plain", "1"))
                .body())
        .startsWith("plain ");
  }

  @Test
  void readsThePathAsTheRouteOfItsDialectNamesIt() throws Exception {
    assertThat(backbone.client().get("/v1/models/gpt-test").body())
        .startsWith("{\"id\":\"gpt-test\"");
    assertThat(
            backbone
                .client()
                .send("/v1/models/gpt-test", request -> request.GET().header("X-Plain", "1"))
                .body())
        .isEqualTo("plain gpt-test");
  }

  @Test
  void namesTheMethodsOfEveryDialect() throws Exception {
    HttpResponse<String> response = backbone.client().get("/plain/gpt-test:say");

    assertThat(response.statusCode()).isEqualTo(405);
    assertThat(response.headers().firstValue("Allow")).hasValue("OPTIONS, POST");
  }

  private HttpResponse<String> say(String path, String body, String... headers)
      throws IOException, InterruptedException {
    return backbone
        .client()
        .send(
            path,
            request -> {
              request
                  .header("Content-Type", "application/json")
                  .POST(HttpRequest.BodyPublishers.ofString(body));
              if (headers.length > 0) {
                request.headers(headers);
              }
            });
  }
}
