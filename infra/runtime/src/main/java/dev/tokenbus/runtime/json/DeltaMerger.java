package dev.tokenbus.runtime.json;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Merges deltas that the canonical form does not model, as OpenAI's own SDKs do: strings and arrays
 * are appended, objects are merged, any other value is replaced by the later one.
 */
public final class DeltaMerger {
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

  /** Members that name a thing rather than carry a piece of it. */
  private static final Set<String> NAMES = Set.of("id", "index", "type", "object", "role", "model");

  private DeltaMerger() {}

  /**
   * Merges a piece into the whole.
   *
   * @param whole the merged pieces so far; null for none
   * @param piece the text of a JSON object
   */
  public static ObjectNode joined(@Nullable ObjectNode whole, String piece) {
    ObjectNode next;
    try {
      next = (ObjectNode) JSON.readTree(piece);
    } catch (JsonProcessingException | ClassCastException e) {
      throw new IllegalArgumentException(
          "A reply carries extra members that are no JSON object", e);
    }
    if (whole == null) {
      return next;
    }
    merge(whole, next);
    return whole;
  }

  private static void merge(ObjectNode whole, ObjectNode next) {
    next.properties()
        .forEach(member -> {
          String name = member.getKey();
          JsonNode before = whole.get(name);
          JsonNode after = member.getValue();
          if (before instanceof ObjectNode known && after instanceof ObjectNode more) {
            merge(known, more);
          } else if (before instanceof ArrayNode known && after instanceof ArrayNode more) {
            known.addAll(more);
          } else if (before instanceof TextNode known
              && after instanceof TextNode more
              && !NAMES.contains(name)) {
            whole.put(name, known.textValue() + more.textValue());
          } else if (before == null || !after.isNull()) {
            whole.set(name, after);
          }
        });
  }
}
