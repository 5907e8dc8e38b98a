package dev.tokenbus.bench.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Iterator;

/**
 * Builds a value that fits a JSON schema of the kind that tools and structured outputs use: types,
 * properties, items, enum, const and anyOf. Strings take their words from the mock's text.
 */
final class SchemaExample {
  private static final int MAX_DEPTH = 20;

  private final Iterator<String> words;

  SchemaExample(Iterator<String> words) {
    this.words = words;
  }

  JsonNode of(JsonNode schema) {
    return of(schema, 0);
  }

  private JsonNode of(JsonNode schema, int depth) {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    if (depth > MAX_DEPTH) {
      return nodes.nullNode();
    }
    if (schema.has("const")) {
      return schema.get("const");
    }
    if (schema.path("enum").size() > 0) {
      return schema.get("enum").get(0);
    }
    if (schema.path("anyOf").size() > 0) {
      return of(schema.get("anyOf").get(0), depth + 1);
    }
    JsonNode type = schema.path("type");
    String name = type.isArray() ? type.path(0).asText("") : type.asText("");
    return switch (name) {
      case "object" -> object(schema, depth);
      case "array" -> array(schema, depth);
      case "integer" -> nodes.numberNode(schema.path("minimum").asInt(7));
      case "number" -> nodes.numberNode(schema.path("minimum").asDouble(7.5));
      case "boolean" -> nodes.booleanNode(true);
      case "null" -> nodes.nullNode();
      case "string" -> nodes.textNode(word());
      default -> schema.has("properties") ? object(schema, depth) : nodes.textNode(word());
    };
  }

  private ObjectNode object(JsonNode schema, int depth) {
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    schema
        .path("properties")
        .properties()
        .forEach(property -> result.set(property.getKey(), of(property.getValue(), depth + 1)));
    return result;
  }

  private ArrayNode array(JsonNode schema, int depth) {
    ArrayNode result = JsonNodeFactory.instance.arrayNode();
    int count = Math.clamp(schema.path("minItems").asInt(1), 1, 100);
    for (int i = 0; i < count; i++) {
      result.add(of(schema.path("items"), depth + 1));
    }
    return result;
  }

  private String word() {
    return words.hasNext() ? words.next().strip() : "more";
  }
}
