package dev.tokenbus.bench.provider;

import static dev.tokenbus.bench.provider.MockClient.chat;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tokenbus.bench.provider.behaviour.Behaviour;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MockErrorsTest {
  private MockProvider mock;
  private MockClient client;

  @BeforeEach
  void start() {
    mock = MockProvider.start();
    client = new MockClient(mock.baseUrl());
  }

  @AfterEach
  void stop() {
    mock.close();
  }

  private static void assertError(HttpResponse<String> response, int status, String code) {
    assertThat(response.statusCode()).isEqualTo(status);
    JsonNode error = MockClient.tree(response.body()).path("error");
    assertThat(error.path("message").asText()).isNotEmpty();
    assertThat(error.path("type").asText()).isNotEmpty();
    assertThat(error.has("param")).isTrue();
    assertThat(error.path("code").asText("")).isEqualTo(code);
  }

  @Test
  void refusesAWrongKey() {
    try (MockProvider locked = MockProvider.start(MockOptions.DEFAULT.withApiKey("sk-right"))) {
      MockClient caller = new MockClient(locked.baseUrl());

      assertError(
          caller.post(chat("mock", "a", ""), "Authorization", "Bearer sk-wrong"),
          401,
          "invalid_api_key");
      assertError(caller.post(chat("mock", "a", "")), 401, "invalid_api_key");
      assertThat(
              caller.post(chat("mock", "a", ""), "Authorization", "Bearer sk-right").statusCode())
          .isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt-9", "mock/", "mocking", "mock/64x20ms/dance", "mock/64x20h"})
  void knowsOnlyItsModels(String model) {
    HttpResponse<String> response = client.post(chat(model, "a", ""));

    if (model.equals("mock/")) {
      assertThat(response.statusCode()).isEqualTo(200);
    } else {
      assertError(response, 404, "model_not_found");
    }
  }

  @Test
  void namesTheParameterThatIsWrong() {
    assertError(client.post("{\"model\":\"mock\""), 400, "");
    assertError(client.post("[]"), 400, "");
    assertError(client.post("{\"messages\":[]}"), 400, "invalid_value");
    HttpResponse<String> response = client.post(chat("mock", "a", "\"max_tokens\":0"));
    assertError(response, 400, "invalid_value");
    assertThat(MockClient.tree(response.body()).at("/error/param").asText())
        .isEqualTo("max_tokens");
  }

  @Test
  void knowsItsPathsAndMethods() {
    assertError(client.get("/nothing"), 404, "unknown_url");
    assertError(client.get("/chat/completions"), 405, "method_not_supported");
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 401, 429, 500, 503})
  void answersTheStatusThatTheModelAsksFor(int status) {
    HttpResponse<String> response = client.post(chat("mock/status-" + status, "a", ""));

    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(MockClient.tree(response.body()).at("/error/message").asText()).isNotEmpty();
  }

  @Test
  void saysWhenToTryAgain() {
    HttpResponse<String> response = client.post(chat("mock/status-429/retry-after-3", "a", ""));

    assertError(response, 429, "rate_limit_exceeded");
    assertThat(response.headers().firstValue("Retry-After")).contains("3");
    assertThat(
            client
                .post(chat("mock/retry-after-2/status-503", "a", ""))
                .headers()
                .firstValue("Retry-After"))
        .contains("2");
  }

  @Test
  void failsOnlyTheFirstRequestsOfAPromptWhenAsked() {
    String model = "mock/status-500/times-2";

    assertThat(client.post(chat(model, "a", "")).statusCode()).isEqualTo(500);
    assertThat(client.post(chat(model, "a", "")).statusCode()).isEqualTo(500);
    assertThat(client.post(chat(model, "a", "")).statusCode()).isEqualTo(200);
    assertThat(client.post(chat(model, "b", "")).statusCode()).isEqualTo(500);
  }

  @Test
  void changesItsBehaviourWhileRunning() {
    mock.behave(Behaviour.of("status-503"));
    assertThat(client.post(chat("mock", "a", "")).statusCode()).isEqualTo(503);

    mock.behave(Behaviour.PLAIN);
    assertThat(client.post(chat("mock", "a", "")).statusCode()).isEqualTo(200);
  }
}
