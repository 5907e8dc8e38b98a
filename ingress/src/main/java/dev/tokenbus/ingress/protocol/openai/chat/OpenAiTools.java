package dev.tokenbus.ingress.protocol.openai.chat;

import com.fasterxml.jackson.core.JsonToken;
import dev.tokenbus.ingress.protocol.openai.BadRequest;
import dev.tokenbus.runtime.json.JsonCursor;
import dev.tokenbus.runtime.json.JsonObjectIndex;
import dev.tokenbus.runtime.json.JsonPath;
import dev.tokenbus.schemas.avro.FunctionTool;
import dev.tokenbus.schemas.avro.RawTool;
import dev.tokenbus.schemas.avro.ResponseFormat;
import dev.tokenbus.schemas.avro.ResponseFormatKind;
import dev.tokenbus.schemas.avro.ToolChoice;
import dev.tokenbus.schemas.avro.ToolChoiceMode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Parses tools, the tool choice, and the response format. A value with members that the canonical
 * form does not model is kept raw as a whole, so that a provider of the same dialect gets all of
 * it.
 */
final class OpenAiTools {
  private OpenAiTools() {}

  static List<Object> tools(JsonCursor cursor, JsonPath path) throws IOException {
    cursor.requireArray(path);
    List<Object> tools = new ArrayList<>();
    while (cursor.next() != JsonToken.END_ARRAY) {
      tools.add(tool(cursor, path.at(tools.size())));
    }
    return tools;
  }

  private static Object tool(JsonCursor cursor, JsonPath path) throws IOException {
    int from = cursor.position();
    JsonObjectIndex tool = new JsonObjectIndex(cursor, path);
    if (tool.requireString("type").equals("function")) {
      JsonObjectIndex function = tool.requireObject("function");
      String name = function.requireString("name");
      String description = function.string("description");
      String parameters = function.objectText("parameters");
      Boolean strict = function.bool("strict");
      if (function.isEmpty()) {
        return FunctionTool.newBuilder()
            .setName(name)
            .setDescription(description)
            .setParameters(parameters)
            .setStrict(strict)
            .setExtra(tool.rest())
            .build();
      }
    }
    return RawTool.newBuilder()
        .setDialect(OpenAiParts.DIALECT)
        .setJson(cursor.slice(from, cursor.end()))
        .build();
  }

  static ToolChoice toolChoice(JsonCursor cursor, JsonPath path) throws IOException {
    if (cursor.token() == JsonToken.VALUE_STRING) {
      return switch (cursor.string(path)) {
        case "auto" -> choice(ToolChoiceMode.AUTO, null, null);
        case "none" -> choice(ToolChoiceMode.NONE, null, null);
        case "required" -> choice(ToolChoiceMode.REQUIRED, null, null);
        default -> choice(ToolChoiceMode.RAW, null, cursor.raw());
      };
    }
    if (cursor.token() != JsonToken.START_OBJECT) {
      throw BadRequest.wrongType(path, "a string or an object", cursor.token());
    }
    int from = cursor.position();
    JsonObjectIndex choice = new JsonObjectIndex(cursor, path);
    if (choice.requireString("type").equals("function")) {
      JsonObjectIndex function = choice.requireObject("function");
      String name = function.requireString("name");
      if (function.isEmpty() && choice.isEmpty()) {
        return choice(ToolChoiceMode.FUNCTION, name, null);
      }
    }
    return choice(ToolChoiceMode.RAW, null, cursor.slice(from, cursor.end()));
  }

  private static ToolChoice choice(
      ToolChoiceMode mode, @Nullable String name, @Nullable String json) {
    return ToolChoice.newBuilder().setMode(mode).setName(name).setJson(json).build();
  }

  static ResponseFormat responseFormat(JsonCursor cursor, JsonPath path) throws IOException {
    int from = cursor.position();
    JsonObjectIndex format = new JsonObjectIndex(cursor, path);
    ResponseFormat modelled =
        switch (format.requireString("type")) {
          case "text" -> simple(ResponseFormatKind.TEXT, format);
          case "json_object" -> simple(ResponseFormatKind.JSON_OBJECT, format);
          case "json_schema" -> schema(format);
          default -> null;
        };
    return modelled != null
        ? modelled
        : ResponseFormat.newBuilder()
            .setKind(ResponseFormatKind.RAW)
            .setExtra(cursor.slice(from, cursor.end()))
            .build();
  }

  private static ResponseFormat simple(ResponseFormatKind kind, JsonObjectIndex format) {
    return ResponseFormat.newBuilder().setKind(kind).setExtra(format.rest()).build();
  }

  private static @Nullable ResponseFormat schema(JsonObjectIndex format) throws IOException {
    JsonObjectIndex schema = format.requireObject("json_schema");
    String name = schema.requireString("name");
    String description = schema.string("description");
    String text = schema.objectText("schema");
    Boolean strict = schema.bool("strict");
    return schema.isEmpty()
        ? ResponseFormat.newBuilder()
            .setKind(ResponseFormatKind.JSON_SCHEMA)
            .setName(name)
            .setDescription(description)
            .setSchema$(text)
            .setStrict(strict)
            .setExtra(format.rest())
            .build()
        : null;
  }
}
