package dev.tokenbus.ingress.protocol.openai.chat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tokenbus.ingress.protocol.ProblemException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;

/** What holds for every request: nothing is lost, and nothing a stranger sends does harm. */
class OpenAiRoundTripTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Property(tries = 2_000)
  void losesNothingOfARequest(@ForAll long seed) throws Exception {
    ObjectNode request = new RequestMaker(seed).request();
    String text = JSON.writeValueAsString(shuffled(request, new Random(seed)));

    ObjectNode written =
        RequestWriter.write(RequestWriter.chat(OpenAiChatParser.parse(text.getBytes(UTF_8))));

    assertThat(normal(written)).isEqualTo(normal(request));
  }

  @Property(tries = 5_000)
  void answersDamagedRequestsWithAProblemAndNothingElse(@ForAll long seed) throws Exception {
    SplittableRandom random = new SplittableRandom(seed);
    byte[] body = JSON.writeValueAsBytes(new RequestMaker(seed).request());
    int damages = 1 + random.nextInt(4);
    for (int i = 0; i < damages; i++) {
      body = damaged(body, random);
    }
    try {
      assertThat(RequestWriter.chat(OpenAiChatParser.parse(body)).getMessages()).isNotEmpty();
    } catch (ProblemException refused) {
      assertThat(refused.problem().message()).isNotBlank();
      assertThat(refused.problem().code().httpStatus()).isEqualTo(400);
    }
  }

  @Property(tries = 2_000)
  void answersNoiseWithAProblem(@ForAll byte[] noise) {
    try {
      OpenAiChatParser.parse(noise);
    } catch (ProblemException refused) {
      assertThat(refused.problem().code().httpStatus()).isEqualTo(400);
    }
  }

  private static byte[] damaged(byte[] body, SplittableRandom random) {
    int at = random.nextInt(body.length);
    return switch (random.nextInt(4)) {
      case 0 -> Arrays.copyOf(body, Math.max(1, at));
      case 1 -> {
        byte[] changed = body.clone();
        changed[at] = (byte) random.nextInt(256);
        yield changed;
      }
      case 2 -> {
        byte[] changed = body.clone();
        byte[] marks = "{}[],:\"\\0-eEntfu".getBytes(UTF_8);
        changed[at] = marks[random.nextInt(marks.length)];
        yield changed;
      }
      default -> {
        int length = random.nextInt(Math.min(40, body.length - at) + 1);
        byte[] doubled = new byte[body.length + length];
        System.arraycopy(body, 0, doubled, 0, at + length);
        System.arraycopy(body, at, doubled, at + length, body.length - at);
        yield doubled;
      }
    };
  }

  /** The same values with the members of every object in another order. */
  private static JsonNode shuffled(JsonNode node, Random random) {
    if (node instanceof ObjectNode object) {
      List<Map.Entry<String, JsonNode>> members = new ArrayList<>(object.properties());
      Collections.shuffle(members, random);
      ObjectNode copy = JSON.createObjectNode();
      members.forEach(member -> copy.set(member.getKey(), shuffled(member.getValue(), random)));
      return copy;
    }
    if (node instanceof ArrayNode array) {
      ArrayNode copy = JSON.createArrayNode();
      array.forEach(element -> copy.add(shuffled(element, random)));
      return copy;
    }
    return node;
  }

  /** Numbers by value, and without what counts as its default. */
  private static @Nullable Object normal(JsonNode node) {
    return switch (node.getNodeType()) {
      case OBJECT -> {
        Map<String, @Nullable Object> members = new TreeMap<>();
        node.properties()
            .forEach(member -> {
              if (!(member.getKey().equals("stream") && !member.getValue().asBoolean())
                  && !(member.getKey().equals("include_usage") && !member.getValue().asBoolean())) {
                members.put(member.getKey(), normal(member.getValue()));
              }
            });
        members.remove("stream_options", Map.of());
        yield members;
      }
      case ARRAY -> {
        List<@Nullable Object> elements = new ArrayList<>();
        node.forEach(element -> elements.add(normal(element)));
        yield elements;
      }
      case NUMBER -> node.decimalValue().stripTrailingZeros();
      case STRING -> node.textValue();
      case BOOLEAN -> node.booleanValue();
      case NULL -> null;
      case BINARY, MISSING, POJO -> throw new AssertionError(node);
    };
  }
}
