package dev.tokenbus.projections.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Text that PostgreSQL can store. Clients and providers may write any character; none of them may
 * cost a bill.
 */
final class StorableText {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();
  private static final String ESCAPED_NUL = "\\u0000";

  private StorableText() {}

  /** The text with U+FFFD in place of U+0000, which PostgreSQL's text type refuses. */
  static @Nullable String text(@Nullable String text) {
    return text == null ? null : text.replace('\0', '\uFFFD');
  }

  /**
   * The JSON unchanged where PostgreSQL's binary JSON accepts it; otherwise the text as one JSON
   * string. Binary JSON refuses U+0000 and halves of surrogate pairs, even escaped.
   */
  static @Nullable String json(@Nullable String json) {
    return json == null || isStorable(json) ? json : new TextNode(text(json)).toString();
  }

  /** A JSON object of the texts, or null if there are none. */
  static @Nullable String textMap(Map<String, String> texts) {
    if (texts.isEmpty()) {
      return null;
    }
    ObjectNode object = JSON.createObjectNode();
    texts.forEach((name, value) -> object.put(text(name), text(value)));
    return object.toString();
  }

  /** A JSON array of the texts, or null if there are none. */
  static @Nullable String textList(@Nullable List<String> texts) {
    if (texts == null || texts.isEmpty()) {
      return null;
    }
    ArrayNode array = JSON.createArrayNode();
    texts.forEach(value -> array.add(text(value)));
    return array.toString();
  }

  private static boolean isStorable(String json) {
    JsonNode value;
    try {
      value = JSON.readTree(json);
    } catch (JsonProcessingException e) {
      return false;
    }
    String unescaped = value.toString();
    return !value.isMissingNode()
        && !unescaped.contains(ESCAPED_NUL)
        && StandardCharsets.UTF_8.newEncoder().canEncode(unescaped);
  }
}
