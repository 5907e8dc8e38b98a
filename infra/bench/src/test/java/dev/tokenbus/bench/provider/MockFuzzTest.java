package dev.tokenbus.bench.provider;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MockFuzzTest {
  private static final String FULL =
      """
      {"model":"mock/4x0","stream":false,"n":2,"max_tokens":9,"stop":["x"],
      "stream_options":{"include_usage":true},"tool_choice":"auto",
      "response_format":{"type":"json_schema","json_schema":{"schema":{"type":"object",
      "properties":{"a":{"type":"array","items":{"enum":["b"]},"minItems":2}}}}},
      "tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object",
      "properties":{"c":{"anyOf":[{"type":["integer","null"],"minimum":1}]}}}}}],
      "messages":[{"role":"system","content":"s"},
      {"role":"user","content":[{"type":"text","text":"call f"}]},
      {"role":"assistant","content":"so","tool_calls":[]},{"role":"tool","content":"t"}]}\
      """;

  private final Random random = new Random(20261121);

  @Test
  void answersEveryRequestWithSuccessOrARefusal() {
    try (MockProvider mock = MockProvider.start()) {
      MockClient client = new MockClient(mock.baseUrl());
      int answered = 0;
      for (int round = 0; round < 2000; round++) {
        JsonNode request = MockClient.tree(FULL);
        for (int change = random.nextInt(3); change >= 0; change--) {
          mutate(request);
        }
        HttpResponse<String> response = client.post(request.toString());

        assertThat(response.statusCode()).as(request.toString()).isIn(200, 400, 404);
        answered += response.statusCode() == 200 ? 1 : 0;
      }
      assertThat(answered).isBetween(200, 1990);
      assertThat(mock.openRequests()).isZero();
    }
  }

  @Test
  void refusesBrokenJson() {
    try (MockProvider mock = MockProvider.start()) {
      MockClient client = new MockClient(mock.baseUrl());
      for (int end = 0; end < FULL.length(); end += 7) {
        assertThat(client.post(FULL.substring(0, end)).statusCode()).isEqualTo(400);
      }
    }
  }

  /** Replaces or removes one node somewhere in the tree. */
  private void mutate(JsonNode root) {
    List<JsonNode> containers = new ArrayList<>();
    collect(root, containers);
    JsonNode container = containers.get(random.nextInt(containers.size()));
    if (container instanceof ObjectNode object && !object.isEmpty()) {
      List<String> names = new ArrayList<>();
      object.fieldNames().forEachRemaining(names::add);
      String name = names.get(random.nextInt(names.size()));
      if (random.nextInt(4) == 0) {
        object.remove(name);
      } else {
        object.set(name, anything());
      }
    } else if (container instanceof ArrayNode array && !array.isEmpty()) {
      array.set(random.nextInt(array.size()), anything());
    }
  }

  private static void collect(JsonNode node, List<JsonNode> containers) {
    if (node.isContainerNode()) {
      containers.add(node);
      node.forEach(child -> collect(child, containers));
    }
  }

  private JsonNode anything() {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    return switch (random.nextInt(9)) {
      case 0 -> nodes.nullNode();
      case 1 -> nodes.booleanNode(random.nextBoolean());
      case 2 -> nodes.numberNode(random.nextInt());
      case 3 -> nodes.numberNode(random.nextDouble() * 1e300);
      case 4 -> nodes.textNode("");
      case 5 -> nodes.textNode("tool \ud83d\ude42 \u2028");
      case 6 -> nodes.arrayNode().add(1).add("x");
      case 7 -> nodes.objectNode().put("type", "json_object");
      default -> nodes.objectNode();
    };
  }
}
