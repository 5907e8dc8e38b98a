package dev.tokenbus.bench.provider;

import static dev.tokenbus.bench.provider.MockClient.chat;
import static dev.tokenbus.bench.provider.MockClient.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Answers that must have a form: calls of tools, and JSON that fits a schema. */
class MockToolsTest {
  private static final String WEATHER_TOOL =
      """
      "tools":[{"type":"function","function":{"name":"get_weather","parameters":{"type":"object",
      "properties":{"city":{"type":"string"},"unit":{"enum":["celsius","fahrenheit"]},
      "days":{"type":"integer"}}}}}]\
      """;

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

  @Test
  void callsAToolThatThePromptNamesInSeveralFragments() {
    List<JsonNode> chunks = client.stream("mock", "use get_weather please", WEATHER_TOOL);
    StringBuilder arguments = new StringBuilder();
    List<String> names = new ArrayList<>();
    int fragments = 0;
    for (JsonNode chunk : chunks) {
      JsonNode call = chunk.at("/choices/0/delta/tool_calls/0");
      if (call.has("id")) {
        names.add(call.at("/function/name").asText());
      } else if (!call.isMissingNode()) {
        fragments++;
        arguments.append(call.at("/function/arguments").asText());
      }
    }

    assertThat(names).containsExactly("get_weather");
    assertThat(fragments).isGreaterThan(3);
    JsonNode parsed = MockClient.tree(arguments.toString());
    assertThat(parsed.path("unit").asText()).isEqualTo("celsius");
    assertThat(parsed.path("city").isTextual()).isTrue();
    assertThat(chunks.getLast().at("/choices/0/finish_reason").asText()).isEqualTo("tool_calls");
  }

  @Test
  void makesParallelCallsAndAnswersWithTextOnceItHasTheResults() {
    JsonNode calls = client.json(chat("mock/tools-3", "weather", WEATHER_TOOL));
    JsonNode text =
        client.json(
            "{\"model\":\"mock/tools-3\",\"messages\":[{\"role\":\"user\",\"content\":\"weather\"},"
                + "{\"role\":\"tool\",\"tool_call_id\":\"c\",\"content\":\"sunny\"}],"
                + WEATHER_TOOL
                + "}");

    assertThat(calls.at("/choices/0/message/tool_calls")).hasSize(3);
    assertThat(calls.at("/choices/0/message/content").isNull()).isTrue();
    assertThat(calls.at("/choices/0/message/tool_calls").findValuesAsText("id"))
        .doesNotHaveDuplicates();
    assertThat(text.at("/choices/0/message/content").asText())
        .isEqualTo(MockText.text("weather", 16));
  }

  @Test
  void obeysToolChoice() {
    String forced =
        WEATHER_TOOL
            + ",\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"get_weather\"}}";
    JsonNode named = client.json(chat("mock", "hi", forced));
    JsonNode none =
        client.json(chat("mock/tools-1", "hi", WEATHER_TOOL + ",\"tool_choice\":\"none\""));
    JsonNode required =
        client.json(chat("mock", "hi", WEATHER_TOOL + ",\"tool_choice\":\"required\""));

    assertThat(named.at("/choices/0/message/tool_calls")).hasSize(1);
    assertThat(named.at("/choices/0/finish_reason").asText()).isEqualTo("stop");
    assertThat(none.at("/choices/0/message/tool_calls").isMissingNode()).isTrue();
    assertThat(required.at("/choices/0/message/tool_calls")).hasSize(1);
  }

  @Test
  void answersJsonThatFitsTheSchema() {
    String schema =
        "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"a\",\"schema\":"
            + "{\"type\":\"object\",\"properties\":{\"ok\":{\"type\":\"boolean\"},\"list\":"
            + "{\"type\":\"array\",\"minItems\":2,\"items\":{\"type\":\"number\"}}}}}}";
    String text = text(client.stream("mock", "json", schema), "content");
    String object =
        text(
            client.stream("mock", "json", "\"response_format\":{\"type\":\"json_object\"}"),
            "content");

    assertThat(MockClient.tree(text)).hasToString("{\"ok\":true,\"list\":[7.5,7.5]}");
    assertThat(MockClient.tree(object).path("text").asText()).isEqualTo(MockText.text("json", 16));
  }
}
