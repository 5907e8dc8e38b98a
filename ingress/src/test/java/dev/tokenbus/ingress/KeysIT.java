package dev.tokenbus.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tokenbus.embedded.EmbeddedBroker;
import dev.tokenbus.embedded.junit.SharedServers;
import dev.tokenbus.embedded.registry.InMemoryRegistry;
import dev.tokenbus.schemas.avro.RequestAccepted;
import java.net.http.HttpResponse;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may come in, and with which key to what. */
@ExtendWith(SharedServers.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KeysIT {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final BlockingQueue<RequestAccepted> accepted = new LinkedBlockingQueue<>();
  private final Backbone backbone;

  KeysIT(EmbeddedBroker broker, InMemoryRegistry registry) throws Exception {
    backbone = Backbone.start(broker.bootstrapServers(), registry.url());
  }

  @BeforeAll
  void answer() {
    backbone
        .router()
        .follow((request, answer) -> {
          accepted.add(request);
          answer.records().admitted(false, false).opened(1, "m").text("ok").stop();
          answer.records().completed(1, 1);
          answer.send();
        });
  }

  @AfterAll
  void stop() {
    backbone.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "tb_wrong", "tb_2222"})
  void answers401WithoutAKnownKey(String key) throws Exception {
    for (String path : new String[] {"/v1/models", "/v1/chat/completions", "/nowhere", "/"}) {
      HttpResponse<String> response = backbone.client(key).get(path);

      assertThat(response.statusCode()).isEqualTo(401);
      assertThat(response.headers().firstValue("WWW-Authenticate")).hasValue("Bearer");
      assertThat(JSON.readTree(response.body()).at("/error/code").textValue())
          .isEqualTo("invalid_api_key");
      assertThat(response.body()).doesNotContain("tb_");
    }
    assertThat(backbone.client(key).post(Client.chat(false)).statusCode()).isEqualTo(401);
  }

  @Test
  void answers401ToAKeyThatHasExpired() throws Exception {
    HttpResponse<String> response = backbone.client(Backbone.EXPIRED_KEY).post(Client.chat(false));

    assertThat(response.statusCode()).isEqualTo(401);
    assertThat(response.body()).contains("has expired");
    assertThat(accepted).isEmpty();
  }

  @Test
  void showsAKeyOnlyTheModelsThatItMayUse() throws Exception {
    Client limited = backbone.client(Backbone.LIMITED_KEY);
    String allowed = Client.chat(false).replace(Backbone.MODEL, "org/model-1");

    assertThat(limited.post(Client.chat(false)).statusCode()).isEqualTo(404);
    assertThat(accepted).isEmpty();
    assertThat(limited.post(allowed).statusCode()).isEqualTo(200);
    assertThat(JSON.readTree(limited.get("/v1/models").body()).get("data").findValuesAsText("id"))
        .containsExactly("org/model-1");
    assertThat(limited.get("/v1/models/" + Backbone.MODEL).statusCode()).isEqualTo(404);
    assertThat(limited.get("/v1/models/org%2Fmodel-1").statusCode()).isEqualTo(200);
    assertThat(accepted.take().getModelAsked()).isEqualTo("org/model-1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"X-API-Key", "x-goog-api-key", "apikey"})
  void takesTheKeyFromTheHeadersOfAllSdks(String header) throws Exception {
    HttpResponse<String> response =
        backbone.client("").send("/v1/models", request -> request.header(header, Backbone.KEY));

    assertThat(response.statusCode()).isEqualTo(200);
  }
}
