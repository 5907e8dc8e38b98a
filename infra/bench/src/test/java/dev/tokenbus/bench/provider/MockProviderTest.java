package dev.tokenbus.bench.provider;

import static dev.tokenbus.bench.provider.MockClient.chat;
import static dev.tokenbus.bench.provider.MockClient.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MockProviderTest {
  private MockProvider mock;
  private MockClient client;

  @BeforeEach
  void start() {
    mock = MockProvider.start(MockOptions.DEFAULT.withModels(List.of("gpt-test")));
    client = new MockClient(mock.baseUrl());
  }

  @AfterEach
  void stop() {
    mock.close();
  }

  @Test
  void writesTheStreamByteForByteAsOpenAiDoes() {
    String raw = client.raw("mock/2x0", "hello", "\"stream_options\":{\"include_usage\":true}");

    String created = MockClient.chunks(raw).getFirst().path("created").asText();
    String head =
        "data: {\"id\":\"chatcmpl-mock00000001\",\"object\":\"chat.completion.chunk\",\"created\":"
            + created
            + ",\"model\":\"mock/2x0\",\"service_tier\":\"default\","
            + "\"system_fingerprint\":\"fp_tokenbusmock\",\"choices\":[";
    String tail = ",\"logprobs\":null,\"finish_reason\":";
    List<String> tokens = MockText.tokens("hello", 0, 2);
    assertThat(raw)
        .isEqualTo(
            head
                + "{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null}"
                + tail
                + "null}],\"usage\":null}\n\n"
                + head
                + "{\"index\":0,\"delta\":{\"content\":\""
                + tokens.get(0)
                + "\"}"
                + tail
                + "null}],\"usage\":null}\n\n"
                + head
                + "{\"index\":0,\"delta\":{\"content\":\""
                + tokens.get(1)
                + "\"}"
                + tail
                + "null}],\"usage\":null}\n\n"
                + head
                + "{\"index\":0,\"delta\":{}"
                + tail
                + "\"stop\"}],\"usage\":null}\n\n"
                + head
                + "],\"usage\":{\"prompt_tokens\":2,\"completion_tokens\":2,\"total_tokens\":4,"
                + "\"prompt_tokens_details\":{\"cached_tokens\":0,\"audio_tokens\":0},"
                + "\"completion_tokens_details\":{\"reasoning_tokens\":0,\"audio_tokens\":0,"
                + "\"accepted_prediction_tokens\":0,\"rejected_prediction_tokens\":0}}}\n\n"
                + "data: [DONE]\n\n");
  }

  @Test
  void leavesUsageOutOfAStreamThatDidNotAskForIt() {
    assertThat(client.raw("mock/3x0", "hello", "")).doesNotContain("usage").contains("[DONE]");
  }

  @Test
  void givesTheSameTextInEveryModeAndModelForAPrompt() {
    String streamed = text(client.stream("mock/40x0", "tell me", ""), "content");
    JsonNode whole = client.json(chat("mock/40x0/first-1ms", "tell me", ""));

    assertThat(streamed).isEqualTo(MockText.text("tell me", 40));
    assertThat(whole.at("/choices/0/message/content").asText()).isEqualTo(streamed);
    assertThat(
            client.json(chat("mock/40x0/salt-1", "tell me", "")).at("/choices/0/message/content"))
        .isNotEqualTo(whole.at("/choices/0/message/content"));
  }

  @Test
  void answersAWholeChatCompletion() {
    JsonNode body = client.json(chat("gpt-test", "hi", ""));

    assertThat(body.path("object").asText()).isEqualTo("chat.completion");
    assertThat(body.path("model").asText()).isEqualTo("gpt-test");
    assertThat(body.at("/choices/0/message/role").asText()).isEqualTo("assistant");
    assertThat(body.at("/choices/0/finish_reason").asText()).isEqualTo("stop");
    assertThat(body.at("/usage/completion_tokens").asInt()).isEqualTo(16);
    assertThat(body.at("/usage/total_tokens").asInt()).isEqualTo(17);
  }

  @Test
  void readsTextPartsAndIgnoresImages() {
    JsonNode body =
        client.json(
            """
            {"model":"mock","messages":[{"role":"system","content":"s"},{"role":"user","content":[
            {"type":"text","text":"look"},
            {"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]}]}\
            """);

    assertThat(body.at("/choices/0/message/content").asText()).isEqualTo(MockText.text("look", 16));
  }

  @Test
  void stopsAtMaxTokensAndAtStopSequences() {
    String full = MockText.text("count", 16);
    String stop = full.substring(20, 24);

    JsonNode limited = client.json(chat("mock", "count", "\"max_completion_tokens\":5"));
    JsonNode stopped = client.json(chat("mock", "count", "\"stop\":[\"" + stop + "\"]"));

    assertThat(limited.at("/choices/0/message/content").asText())
        .isEqualTo(MockText.text("count", 5));
    assertThat(limited.at("/choices/0/finish_reason").asText()).isEqualTo("length");
    assertThat(stopped.at("/choices/0/message/content").asText())
        .isEqualTo(full.substring(0, full.indexOf(stop)));
  }

  @Test
  void givesEveryChoiceItsOwnText() {
    List<JsonNode> chunks = client.stream("mock/8x0", "dice", "\"n\":2");
    List<StringBuilder> texts = List.of(new StringBuilder(), new StringBuilder());
    for (JsonNode chunk : chunks) {
      JsonNode choice = chunk.at("/choices/0");
      texts.get(choice.path("index").asInt()).append(choice.at("/delta/content").asText(""));
    }

    assertThat(texts.get(0)).hasToString(MockText.text("dice", 8));
    assertThat(texts.get(1)).hasToString(String.join("", MockText.tokens("dice", 1, 8)));
  }

  @Test
  void thinksBeforeItSpeaksAndCountsThat() {
    List<JsonNode> chunks =
        client.stream(
            "mock/4x0/reasoning-6/cached-1",
            "think",
            "\"stream_options\":{\"include_usage\":true}");

    assertThat(text(chunks, "reasoning_content")).isNotEmpty();
    assertThat(text(chunks, "content")).isEqualTo(MockText.text("think", 4));
    JsonNode usage = chunks.getLast().path("usage");
    assertThat(usage.path("completion_tokens").asInt()).isEqualTo(10);
    assertThat(usage.at("/completion_tokens_details/reasoning_tokens").asInt()).isEqualTo(6);
    assertThat(usage.at("/prompt_tokens_details/cached_tokens").asInt()).isEqualTo(1);
  }

  @Test
  void refuses() {
    assertThat(text(client.stream("mock/4x0/refusal", "bad", ""), "refusal"))
        .isEqualTo(MockText.text("bad", 4));
  }

  @Test
  void goesOnWhereAPrefillStops() {
    String full = MockText.text("story", 16);
    for (int cut : List.of(1, 7, 30, full.length())) {
      String body =
          "{\"model\":\"mock/16x0\",\"messages\":[{\"role\":\"user\",\"content\":\"story\"},"
              + "{\"role\":\"assistant\",\"content\":"
              + MockClient.MAPPER.valueToTree(full.substring(0, cut))
              + "}]}";

      assertThat(client.json(body).at("/choices/0/message/content").asText(""))
          .isEqualTo(full.substring(cut));
    }
  }

  @Test
  void refusesAPrefillWhereTheModelCannot() {
    HttpResponse<String> response =
        client.post(
            "{\"model\":\"mock/noprefill\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"},"
                + "{\"role\":\"assistant\",\"content\":\"b\"}]}");

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body()).contains("prefill");
  }

  @Test
  void neverSaysTheSameTwiceWhereAsked() {
    String first = text(client.stream("mock/8x0/never-the-same", "story", ""), "content");
    String second = text(client.stream("mock/8x0/never-the-same", "story", ""), "content");

    assertThat(first).isNotEmpty().isNotEqualTo(second).isNotEqualTo(MockText.text("story", 8));
    assertThat(text(client.stream("mock/8x0", "story", ""), "content"))
        .isEqualTo(MockText.text("story", 8));
  }

  @Test
  void listsItsModels() {
    JsonNode list = MockClient.tree(client.get("/models").body());

    assertThat(list.path("data").findValuesAsText("id")).containsExactly("mock", "gpt-test");
    assertThat(client.get("/models/mock%2F4x0").body()).contains("mock/4x0");
    assertThat(client.get("/models/nothing").statusCode()).isEqualTo(404);
    assertThat(client.get("/models/mock/%25zz").statusCode()).isEqualTo(404);
  }

  @Test
  void recordsWhatItGot() {
    String body = chat("mock", "remember me", "");

    client.post(body, "X-Trace", "abc");

    ReceivedRequest received = mock.received().getFirst();
    assertThat(new String(received.body(), StandardCharsets.UTF_8)).isEqualTo(body);
    assertThat(received.headers().first("x-trace")).contains("abc");
    assertThat(received.ending()).isEqualTo(ReceivedRequest.Ending.COMPLETE);
    assertThat(mock.requestCount()).isEqualTo(1);
    assertThat(mock.openRequests()).isZero();
  }

  @Test
  void recordsWhatItSaidAlsoWhereNobodyCanForeseeIt() {
    String streamed = text(client.stream("mock/8x0/never-the-same", "story", ""), "content");
    client.post("{}");

    assertThat(mock.received().getFirst().said()).hasSize(8);
    assertThat(String.join("", mock.received().getFirst().said())).isEqualTo(streamed);
    assertThat(mock.received().getLast().said()).isEmpty();
  }
}
