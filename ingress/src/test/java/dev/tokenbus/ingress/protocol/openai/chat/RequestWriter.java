package dev.tokenbus.ingress.protocol.openai.chat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tokenbus.ingress.protocol.Submission;
import dev.tokenbus.schemas.avro.AudioPart;
import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.ContentForm;
import dev.tokenbus.schemas.avro.FilePart;
import dev.tokenbus.schemas.avro.FunctionTool;
import dev.tokenbus.schemas.avro.ImagePart;
import dev.tokenbus.schemas.avro.Message;
import dev.tokenbus.schemas.avro.RawPart;
import dev.tokenbus.schemas.avro.RawTool;
import dev.tokenbus.schemas.avro.RefusalPart;
import dev.tokenbus.schemas.avro.ResponseFormat;
import dev.tokenbus.schemas.avro.Sampling;
import dev.tokenbus.schemas.avro.TextPart;
import dev.tokenbus.schemas.avro.ToolCallPart;
import dev.tokenbus.schemas.avro.ToolChoice;
import dev.tokenbus.schemas.avro.ToolResultPart;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Writes the canonical request back as OpenAI's JSON, by the rules both sides of the contract keep:
 * what shows that nothing is lost on the way in.
 */
final class RequestWriter {
  private static final ObjectMapper JSON = new ObjectMapper();

  private RequestWriter() {}

  static ChatRequest chat(Submission submission) {
    return (ChatRequest) submission.body().getContent();
  }

  static ObjectNode write(ChatRequest request) {
    ObjectNode json = JSON.createObjectNode();
    extra(json, request.getExtra());
    json.put("model", request.getModel());
    ArrayNode messages = json.putArray("messages");
    request.getMessages().forEach(message -> messages.add(message(message)));
    if (!request.getTools().isEmpty()) {
      ArrayNode tools = json.putArray("tools");
      request.getTools().forEach(tool -> tools.add(tool(tool)));
    }
    if (request.getToolChoice() != null) {
      json.set("tool_choice", toolChoice(request.getToolChoice()));
    }
    if (request.getParallelToolCalls() != null) {
      json.put("parallel_tool_calls", request.getParallelToolCalls());
    }
    if (request.getResponseFormat() != null) {
      json.set("response_format", responseFormat(request.getResponseFormat()));
    }
    sampling(json, request.getSampling(), request.getSpelling());
    if (request.getReasoning() != null) {
      json.put("reasoning_effort", request.getReasoning().getEffort());
    }
    if (request.getStream()) {
      json.put("stream", true);
    }
    if (request.getIncludeUsage()) {
      json.withObject("/stream_options").put("include_usage", true);
    }
    if (request.getUser() != null) {
      json.put("user", request.getUser());
    }
    if (!request.getMetadata().isEmpty()) {
      ObjectNode metadata = json.putObject("metadata");
      request.getMetadata().forEach(metadata::put);
    }
    return json;
  }

  private static void sampling(ObjectNode json, Sampling sampling, List<String> spelling) {
    put(json, "temperature", sampling.getTemperature());
    put(json, "top_p", sampling.getTopP());
    put(json, "top_k", sampling.getTopK());
    put(json, "frequency_penalty", sampling.getFrequencyPenalty());
    put(json, "presence_penalty", sampling.getPresencePenalty());
    put(json, "seed", sampling.getSeed());
    put(
        json,
        spelling.contains("max_tokens") ? "max_tokens" : "max_completion_tokens",
        sampling.getMaxOutputTokens());
    put(json, "n", sampling.getCandidates());
    put(json, "logprobs", sampling.getLogprobs());
    put(json, "top_logprobs", sampling.getTopLogprobs());
    if (spelling.contains("stop:string")) {
      json.put("stop", sampling.getStop().getFirst());
    } else if (!sampling.getStop().isEmpty()) {
      ArrayNode stop = json.putArray("stop");
      sampling.getStop().forEach(stop::add);
    }
  }

  private static void put(ObjectNode json, String name, @Nullable Object value) {
    if (value != null) {
      json.set(name, JSON.valueToTree(value));
    }
  }

  private static ObjectNode message(Message message) {
    ObjectNode json = JSON.createObjectNode();
    extra(json, message.getExtra());
    json.put("role", message.getRole().name().toLowerCase(Locale.ROOT));
    if (message.getName() != null) {
      json.put("name", message.getName());
    }
    ArrayNode toolCalls = JSON.createArrayNode();
    ArrayNode content = JSON.createArrayNode();
    ContentForm form = message.getForm();
    for (Object part : message.getParts()) {
      switch (part) {
        case ToolCallPart call -> toolCalls.add(toolCall(call));
        case RawPart raw when raw.getDialect().equals("openai.tool_call") ->
            toolCalls.add(parse(raw.getJson()));
        case ToolResultPart result -> {
          json.put("tool_call_id", result.getToolCallId());
          form = result.getForm();
          result.getContent().forEach(piece -> content.add(part(piece)));
        }
        default -> content.add(part(part));
      }
    }
    switch (form) {
      case STRING -> json.set("content", content.get(0).get("text"));
      case PARTS -> json.set("content", content);
      case NULL -> json.putNull("content");
      case ABSENT -> {}
    }
    if (!toolCalls.isEmpty()) {
      json.set("tool_calls", toolCalls);
    }
    return json;
  }

  private static JsonNode part(Object part) {
    ObjectNode json = JSON.createObjectNode();
    switch (part) {
      case TextPart text -> {
        extra(json, text.getExtra());
        json.put("type", "text").put("text", text.getText());
      }
      case RefusalPart refusal -> json.put("type", "refusal").put("refusal", refusal.getText());
      case ImagePart image -> {
        extra(json, image.getExtra());
        ObjectNode inner = json.put("type", "image_url").putObject("image_url");
        inner.put("url", image.getUrl());
        put(inner, "detail", image.getDetail());
      }
      case AudioPart audio -> {
        extra(json, audio.getExtra());
        json.put("type", "input_audio")
            .putObject("input_audio")
            .put("data", audio.getData())
            .put("format", audio.getFormat());
      }
      case FilePart file -> {
        extra(json, file.getExtra());
        ObjectNode inner = json.put("type", "file").putObject("file");
        put(inner, "file_id", file.getFileId());
        put(inner, "file_data", file.getData());
        put(inner, "filename", file.getFilename());
      }
      case RawPart raw -> {
        return parse(raw.getJson());
      }
      default -> throw new AssertionError(part);
    }
    return json;
  }

  private static ObjectNode toolCall(ToolCallPart call) {
    ObjectNode json = JSON.createObjectNode();
    extra(json, call.getExtra());
    json.put("id", call.getId())
        .put("type", "function")
        .putObject("function")
        .put("name", call.getName())
        .put("arguments", call.getArguments());
    return json;
  }

  private static JsonNode tool(Object tool) {
    if (tool instanceof RawTool raw) {
      return parse(raw.getJson());
    }
    FunctionTool function = (FunctionTool) tool;
    ObjectNode json = JSON.createObjectNode();
    extra(json, function.getExtra());
    ObjectNode inner = json.put("type", "function").putObject("function");
    inner.put("name", function.getName());
    put(inner, "description", function.getDescription());
    if (function.getParameters() != null) {
      inner.set("parameters", parse(function.getParameters()));
    }
    put(inner, "strict", function.getStrict());
    return json;
  }

  private static JsonNode toolChoice(ToolChoice choice) {
    return switch (choice.getMode()) {
      case AUTO, NONE, REQUIRED ->
          JSON.valueToTree(choice.getMode().name().toLowerCase(Locale.ROOT));
      case RAW -> parse(choice.getJson());
      case FUNCTION -> {
        ObjectNode json = JSON.createObjectNode().put("type", "function");
        json.putObject("function").put("name", choice.getName());
        yield json;
      }
    };
  }

  private static JsonNode responseFormat(ResponseFormat format) {
    ObjectNode json = JSON.createObjectNode();
    extra(json, format.getExtra());
    switch (format.getKind()) {
      case TEXT -> json.put("type", "text");
      case JSON_OBJECT -> json.put("type", "json_object");
      case JSON_SCHEMA -> {
        ObjectNode inner = json.put("type", "json_schema").putObject("json_schema");
        inner.put("name", format.getName());
        put(inner, "description", format.getDescription());
        if (format.getSchema$() != null) {
          inner.set("schema", parse(format.getSchema$()));
        }
        put(inner, "strict", format.getStrict());
      }
      case RAW -> {}
    }
    return json;
  }

  private static void extra(ObjectNode json, @Nullable String extra) {
    if (extra != null) {
      json.setAll((ObjectNode) parse(extra));
    }
  }

  static JsonNode parse(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new AssertionError(text, e);
    }
  }
}
