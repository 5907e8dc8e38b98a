package dev.tokenbus.workers.provider.openai;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.FunctionTool;
import dev.tokenbus.schemas.avro.Message;
import dev.tokenbus.schemas.avro.RawTool;
import dev.tokenbus.schemas.avro.Reasoning;
import dev.tokenbus.schemas.avro.ResponseFormat;
import dev.tokenbus.schemas.avro.Sampling;
import dev.tokenbus.schemas.avro.ToolChoice;
import dev.tokenbus.workers.provider.ProviderRequest;
import dev.tokenbus.workers.provider.http.BodyChunks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The canonical request as the body of {@code POST /chat/completions}. Applied to what the ingress
 * made of an OpenAI client's body it gives that body again (as JSON values; members in another
 * order), except for {@code model}, and for {@code stream_options.include_usage}, which is always
 * asked for so that usage is known.
 *
 * <p>Stateless and thread-safe.
 */
final class ChatCompletionWriter {
  private static final String MAX_TOKENS = "max_tokens";
  private static final String STOP_STRING = "stop:string";

  private ChatCompletionWriter() {}

  /**
   * Writes the body.
   *
   * @throws IllegalArgumentException if the request says something that this dialect has no words
   *     for
   */
  static BodyChunks write(ProviderRequest request) {
    BodyChunks body = new BodyChunks();
    try (JsonGenerator json = RawJson.FACTORY.createGenerator(body)) {
      write(request.model(), request.body(), json);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot happen: writing to memory", e);
    }
    return body;
  }

  private static void write(String model, ChatRequest request, JsonGenerator json)
      throws IOException {
    ObjectWriter object = ObjectWriter.begin(json, request.getExtra());
    object.text("model", model);
    object.name("messages").writeStartArray();
    for (Message message : request.getMessages()) {
      MessageWriter.write(message, json);
    }
    json.writeEndArray();
    tools(object, request);
    responseFormat(object, request.getResponseFormat());
    sampling(object, request.getSampling(), request.getSpelling());
    Reasoning reasoning = request.getReasoning();
    if (reasoning != null) {
      object.text("reasoning_effort", reasoning.getEffort());
    }
    if (request.getStream()) {
      object.flag("stream", true);
      ObjectWriter options = object.object("stream_options");
      options.flag("include_usage", true);
      options.end();
    }
    object.text("user", request.getUser());
    if (!request.getMetadata().isEmpty()) {
      ObjectWriter metadata = ObjectWriter.begin(object.name("metadata"), null);
      for (Map.Entry<String, String> entry : request.getMetadata().entrySet()) {
        metadata.text(entry.getKey(), entry.getValue());
      }
      metadata.end();
    }
    object.end();
  }

  private static void tools(ObjectWriter object, ChatRequest request) throws IOException {
    if (!request.getTools().isEmpty()) {
      JsonGenerator json = object.name("tools");
      json.writeStartArray();
      for (Object tool : request.getTools()) {
        tool(tool, json);
      }
      json.writeEndArray();
    }
    ToolChoice choice = request.getToolChoice();
    if (choice != null) {
      toolChoice(object, choice);
    }
    object.flag("parallel_tool_calls", request.getParallelToolCalls());
  }

  private static void tool(Object tool, JsonGenerator json) throws IOException {
    switch (tool) {
      case FunctionTool function -> {
        ObjectWriter object = ObjectWriter.begin(json, function.getExtra());
        object.text("type", "function");
        ObjectWriter inner = object.object("function");
        inner.text("name", function.getName());
        inner.text("description", function.getDescription());
        inner.raw("parameters", function.getParameters());
        inner.flag("strict", function.getStrict());
        inner.end();
        object.end();
      }
      case RawTool raw when raw.getDialect().equals(ChoiceReader.DIALECT) ->
          json.writeRawValue(raw.getJson());
      case RawTool raw ->
          throw new IllegalArgumentException(
              "A tool of dialect " + raw.getDialect() + " cannot be offered to this provider");
      default -> throw new IllegalArgumentException("Not a tool: " + tool.getClass());
    }
  }

  private static void toolChoice(ObjectWriter object, ToolChoice choice) throws IOException {
    switch (choice.getMode()) {
      case AUTO -> object.text("tool_choice", "auto");
      case NONE -> object.text("tool_choice", "none");
      case REQUIRED -> object.text("tool_choice", "required");
      case RAW -> object.raw("tool_choice", choice.getJson());
      case FUNCTION -> {
        ObjectWriter named = object.object("tool_choice");
        named.text("type", "function");
        ObjectWriter function = named.object("function");
        function.text("name", choice.getName());
        function.end();
        named.end();
      }
    }
  }

  private static void responseFormat(ObjectWriter object, @Nullable ResponseFormat format)
      throws IOException {
    if (format == null) {
      return;
    }
    switch (format.getKind()) {
      case RAW -> object.raw("response_format", format.getExtra());
      case TEXT -> kind(object, format, "text");
      case JSON_OBJECT -> kind(object, format, "json_object");
      case JSON_SCHEMA -> {
        ObjectWriter outer = ObjectWriter.begin(object.name("response_format"), format.getExtra());
        outer.text("type", "json_schema");
        ObjectWriter schema = outer.object("json_schema");
        schema.text("name", format.getName());
        schema.text("description", format.getDescription());
        schema.raw("schema", format.getSchema$());
        schema.flag("strict", format.getStrict());
        schema.end();
        outer.end();
      }
    }
  }

  private static void kind(ObjectWriter object, ResponseFormat format, String type)
      throws IOException {
    ObjectWriter outer = ObjectWriter.begin(object.name("response_format"), format.getExtra());
    outer.text("type", type);
    outer.end();
  }

  private static void sampling(ObjectWriter object, Sampling sampling, List<String> spelling)
      throws IOException {
    object.number("temperature", sampling.getTemperature());
    object.number("top_p", sampling.getTopP());
    object.integer("top_k", sampling.getTopK());
    object.number("frequency_penalty", sampling.getFrequencyPenalty());
    object.number("presence_penalty", sampling.getPresencePenalty());
    object.integer("seed", sampling.getSeed());
    object.integer(
        spelling.contains(MAX_TOKENS) ? MAX_TOKENS : "max_completion_tokens",
        sampling.getMaxOutputTokens());
    object.integer("n", sampling.getCandidates());
    object.flag("logprobs", sampling.getLogprobs());
    object.integer("top_logprobs", sampling.getTopLogprobs());
    List<String> stop = sampling.getStop();
    if (stop.size() == 1 && spelling.contains(STOP_STRING)) {
      object.text("stop", stop.getFirst());
    } else if (!stop.isEmpty()) {
      JsonGenerator json = object.name("stop");
      json.writeStartArray();
      for (String sequence : stop) {
        json.writeString(sequence);
      }
      json.writeEndArray();
    }
  }
}
