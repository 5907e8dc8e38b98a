package dev.tokenbus.runtime.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * JSON that passes through unread: members of objects are carried from one text to another with
 * their exact numbers.
 */
public final class RawJson {
  /**
   * A whole answer of 12 MB may be one string. Depth stays at Jackson's bound, which protects the
   * stack.
   */
  private static final int LONGEST_STRING = 64 * 1024 * 1024;

  public static final JsonFactory FACTORY =
      new JsonFactoryBuilder()
          .streamReadConstraints(
              StreamReadConstraints.builder().maxStringLength(LONGEST_STRING).build())
          .streamWriteConstraints(StreamWriteConstraints.defaults())
          .build();

  private RawJson() {}

  /**
   * Copies the value at which the parser stands, exactly; afterwards the parser stands at its end.
   */
  public static void copy(JsonParser from, JsonGenerator to) throws IOException {
    int depth = 0;
    JsonToken token = from.currentToken();
    while (true) {
      to.copyCurrentEventExact(from);
      if (token.isStructStart()) {
        depth++;
      } else if (token.isStructEnd()) {
        depth--;
      }
      if (depth == 0) {
        return;
      }
      JsonToken next = from.nextToken();
      if (next == null) {
        return;
      }
      token = next == JsonToken.FIELD_NAME ? copyName(from, to) : next;
    }
  }

  private static JsonToken copyName(JsonParser from, JsonGenerator to) throws IOException {
    to.writeFieldName(from.currentName());
    return from.nextToken();
  }

  /** The value at which the parser stands, as JSON text. */
  public static String text(JsonParser from) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator generator = FACTORY.createGenerator(text)) {
      copy(from, generator);
    }
    return text.toString();
  }

  /** The members of a JSON object by name, each as JSON text; empty for null. */
  public static Map<String, String> members(@Nullable String object) {
    Map<String, String> members = new LinkedHashMap<>();
    if (object == null) {
      return members;
    }
    try (JsonParser parser = FACTORY.createParser(object)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IllegalArgumentException("Not a JSON object: " + abbreviated(object));
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        members.put(name, text(parser));
      }
    } catch (IOException e) {
      throw new IllegalArgumentException("Not a JSON object: " + abbreviated(object), e);
    }
    return members;
  }

  /** A JSON object of members given as JSON text; null where there are none. */
  public static @Nullable String object(Map<String, String> members) {
    if (members.isEmpty()) {
      return null;
    }
    StringWriter text = new StringWriter();
    try (JsonGenerator generator = FACTORY.createGenerator(text)) {
      generator.writeStartObject();
      for (Map.Entry<String, String> member : members.entrySet()) {
        generator.writeFieldName(member.getKey());
        generator.writeRawValue(member.getValue());
      }
      generator.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot happen: writing to memory", e);
    }
    return text.toString();
  }

  private static String abbreviated(String text) {
    return text.length() <= 100 ? text : text.substring(0, 100) + "…";
  }
}
