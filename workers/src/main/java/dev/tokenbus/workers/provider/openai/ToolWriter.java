package dev.tokenbus.workers.provider.openai;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.tokenbus.schemas.avro.CustomTool;
import dev.tokenbus.schemas.avro.FunctionTool;
import dev.tokenbus.schemas.avro.RawTool;
import dev.tokenbus.schemas.avro.ToolChoice;
import dev.tokenbus.workers.provider.http.InexpressibleException;
import java.io.IOException;

/** Writes the tools of a request and the choice among them. */
final class ToolWriter {
  private ToolWriter() {}

  /**
   * Writes one tool.
   *
   * @param own whether the request's unmodelled members are in this dialect's words
   * @throws InexpressibleException if the tool is of another dialect
   */
  static void tool(Object tool, boolean own, JsonGenerator json) throws IOException {
    switch (tool) {
      case FunctionTool function -> {
        ObjectWriter object = ObjectWriter.begin(json, own ? function.getExtra() : null);
        object.text("type", "function");
        ObjectWriter inner = object.object("function");
        inner.text("name", function.getName());
        inner.text("description", function.getDescription());
        inner.raw("parameters", function.getParameters());
        inner.flag("strict", function.getStrict());
        inner.end();
        object.end();
      }
      case CustomTool custom -> custom(custom, own, json);
      case RawTool raw when raw.getDialect().equals(OpenAiDialect.NAME) ->
          json.writeRawValue(raw.getJson());
      case RawTool raw ->
          throw new InexpressibleException(
              "tools",
              "A tool of dialect " + raw.getDialect() + " cannot be offered to this provider");
      default ->
          throw new InexpressibleException(
              "tools", "This provider has no tool of kind " + tool.getClass().getSimpleName());
    }
  }

  private static void custom(CustomTool tool, boolean own, JsonGenerator json) throws IOException {
    ObjectWriter object = ObjectWriter.begin(json, own ? tool.getExtra() : null);
    object.text("type", "custom");
    ObjectWriter inner = object.object("custom");
    inner.text("name", tool.getName());
    inner.text("description", tool.getDescription());
    if (tool.getSyntax() != null) {
      ObjectWriter format = inner.object("format");
      format.text("type", "grammar");
      ObjectWriter grammar = format.object("grammar");
      grammar.text("syntax", tool.getSyntax());
      grammar.text("definition", tool.getDefinition());
      grammar.end();
      format.end();
    }
    inner.end();
    object.end();
  }

  /**
   * Writes the choice.
   *
   * @param own as for {@link #tool}
   * @throws InexpressibleException if it is in another dialect's words
   */
  static void choice(ObjectWriter object, ToolChoice choice, boolean own) throws IOException {
    if (!choice.getAllowed().isEmpty()) {
      allowed(object, choice);
      return;
    }
    switch (choice.getMode()) {
      case AUTO -> object.text("tool_choice", "auto");
      case NONE -> object.text("tool_choice", "none");
      case REQUIRED -> object.text("tool_choice", "required");
      case RAW -> {
        if (!own) {
          throw new InexpressibleException(
              "tool_choice", "This provider does not know the tool choice that was asked for");
        }
        object.raw("tool_choice", choice.getJson());
      }
      case FUNCTION -> {
        ObjectWriter named = object.object("tool_choice");
        function(named, choice.getName());
        named.end();
      }
    }
  }

  private static void allowed(ObjectWriter object, ToolChoice choice) throws IOException {
    ObjectWriter outer = object.object("tool_choice");
    outer.text("type", "allowed_tools");
    ObjectWriter allowed = outer.object("allowed_tools");
    allowed.text(
        "mode",
        switch (choice.getMode()) {
          case REQUIRED, FUNCTION -> "required";
          case AUTO, NONE, RAW -> "auto";
        });
    JsonGenerator json = allowed.name("tools");
    json.writeStartArray();
    for (String name : choice.getAllowed()) {
      ObjectWriter tool = ObjectWriter.begin(json, null);
      function(tool, name);
      tool.end();
    }
    json.writeEndArray();
    allowed.end();
    outer.end();
  }

  private static void function(ObjectWriter object, String name) throws IOException {
    object.text("type", "function");
    ObjectWriter function = object.object("function");
    function.text("name", name);
    function.end();
  }
}
