package dev.tokenbus.bench.provider;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tokenbus.bench.provider.encoding.ApiError;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What the mock needs of a chat completion request.
 *
 * @param prompt text of the last user message
 * @param promptHash its {@link MockText#hash}
 * @param prefix text of an assistant message at the end, to be continued
 * @param afterTool whether the last message is a tool's result
 * @param promptTokens a quarter of the characters of all messages, rounded up
 * @param schema of a {@code json_schema} response format, an empty node for {@code json_object}
 */
record ChatRequest(
    String model,
    boolean stream,
    boolean includeUsage,
    String prompt,
    long promptHash,
    Optional<String> prefix,
    boolean afterTool,
    int promptTokens,
    List<Tool> tools,
    ToolChoice toolChoice,
    int choices,
    OptionalInt maxTokens,
    List<String> stops,
    Optional<JsonNode> schema) {

  ChatRequest {
    tools = List.copyOf(tools);
    stops = List.copyOf(stops);
  }

  /** A function that the model may call. */
  record Tool(String name, JsonNode parameters) {}

  /** {@code none}, {@code auto}, {@code required}, or one function by name. */
  record ToolChoice(String mode, Optional<String> name) {}

  static ChatRequest parse(JsonNode body) throws ApiError {
    if (!body.isObject()) {
      throw ApiError.notJson();
    }
    String model = body.path("model").asText("");
    if (model.isEmpty()) {
      throw ApiError.invalid("model", "you must provide a model parameter");
    }
    JsonNode messages = body.path("messages");
    if (!messages.isArray() || messages.isEmpty()) {
      throw ApiError.invalid("messages", "messages must be an array with at least one message.");
    }
    JsonNode last = messages.get(messages.size() - 1);
    String prompt = lastUserText(messages);
    String lastRole = last.path("role").asText("");
    return new ChatRequest(
        model,
        body.path("stream").asBoolean(false),
        body.path("stream_options").path("include_usage").asBoolean(false),
        prompt,
        MockText.hash(prompt),
        lastRole.equals("assistant") && !last.has("tool_calls")
            ? Optional.of(text(last.path("content")))
            : Optional.empty(),
        lastRole.equals("tool"),
        promptTokens(messages),
        tools(body.path("tools")),
        toolChoice(body),
        count(body, "n", 128).orElse(1),
        maxTokens(body),
        stops(body.path("stop")),
        schema(body.path("response_format")));
  }

  private static String lastUserText(JsonNode messages) {
    for (int i = messages.size() - 1; i >= 0; i--) {
      JsonNode message = messages.get(i);
      if (message.path("role").asText("").equals("user")) {
        return text(message.path("content"));
      }
    }
    return "";
  }

  private static String text(JsonNode content) {
    if (!content.isArray()) {
      return content.asText("");
    }
    StringBuilder text = new StringBuilder();
    for (JsonNode part : content) {
      text.append(part.path("text").asText(""));
    }
    return text.toString();
  }

  private static int promptTokens(JsonNode messages) {
    long characters = 0;
    for (JsonNode message : messages) {
      characters += text(message.path("content")).length();
    }
    return (int) Math.max(1, (characters + 3) / 4);
  }

  private static List<Tool> tools(JsonNode tools) throws ApiError {
    List<Tool> result = new ArrayList<>();
    for (JsonNode tool : tools) {
      JsonNode function = tool.path("function");
      String name = function.path("name").asText("");
      if (name.isEmpty()) {
        throw ApiError.invalid("tools", "Missing required parameter: 'tools[].function.name'.");
      }
      result.add(new Tool(name, function.path("parameters")));
    }
    return result;
  }

  private static ToolChoice toolChoice(JsonNode body) {
    JsonNode choice = body.path("tool_choice");
    return choice.isObject()
        ? new ToolChoice("named", Optional.of(choice.path("function").path("name").asText("")))
        : new ToolChoice(choice.asText("auto"), Optional.empty());
  }

  private static OptionalInt maxTokens(JsonNode body) throws ApiError {
    OptionalInt current = count(body, "max_completion_tokens", Integer.MAX_VALUE);
    return current.isPresent() ? current : count(body, "max_tokens", Integer.MAX_VALUE);
  }

  private static OptionalInt count(JsonNode body, String name, int most) throws ApiError {
    JsonNode value = body.path(name);
    if (value.isMissingNode() || value.isNull()) {
      return OptionalInt.empty();
    }
    if (!value.canConvertToInt() || value.intValue() < 1 || value.intValue() > most) {
      throw ApiError.invalid(name, "Invalid '" + name + "': expected an integer of 1 or more.");
    }
    return OptionalInt.of(value.intValue());
  }

  private static List<String> stops(JsonNode stop) {
    List<String> result = new ArrayList<>();
    if (stop.isTextual()) {
      result.add(stop.asText());
    }
    stop.forEach(one -> result.add(one.asText()));
    result.removeIf(String::isEmpty);
    return result;
  }

  private static Optional<JsonNode> schema(JsonNode format) {
    return switch (format.path("type").asText("text")) {
      case "json_schema" -> Optional.of(format.path("json_schema").path("schema"));
      case "json_object" -> Optional.of(format.path("no schema"));
      default -> Optional.empty();
    };
  }
}
