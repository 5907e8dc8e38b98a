package dev.tokenbus.workers.provider.openai;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.tokenbus.runtime.json.RawJson;
import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.Message;
import dev.tokenbus.schemas.avro.Reasoning;
import dev.tokenbus.schemas.avro.ResponseFormat;
import dev.tokenbus.schemas.avro.Sampling;
import dev.tokenbus.schemas.avro.ToolChoice;
import dev.tokenbus.workers.provider.ProviderRequest;
import dev.tokenbus.workers.provider.http.BodyChunks;
import dev.tokenbus.workers.provider.http.InexpressibleException;
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
   * @throws InexpressibleException if the request says something that this dialect has no words for
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
    // What is in another dialect's words is given to no other provider.
    boolean own = request.getDialect().equals(OpenAiDialect.NAME);
    ObjectWriter object = ObjectWriter.begin(json, own ? request.getExtra() : null);
    object.text("model", model);
    object.name("messages").writeStartArray();
    for (Message message : request.getMessages()) {
      MessageWriter.write(message, request.getDialect(), json);
    }
    json.writeEndArray();
    tools(object, request, own);
    responseFormat(object, request.getResponseFormat(), own);
    sampling(object, request.getSampling(), own ? request.getSpelling() : List.of());
    choices(object, request, own);
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

  /** Members that say how the answer shall come. */
  private static void choices(ObjectWriter object, ChatRequest request, boolean own)
      throws IOException {
    object.text("service_tier", request.getServiceTier());
    object.text("prompt_cache_key", request.getPromptCacheKey());
    object.text("verbosity", request.getVerbosity());
    object.flag("store", request.getStore());
    object.raw("audio", own ? request.getAudio() : null);
    if (!request.getModalities().isEmpty()) {
      strings(object.name("modalities"), request.getModalities());
    }
  }

  private static void strings(JsonGenerator json, List<String> texts) throws IOException {
    json.writeStartArray();
    for (String text : texts) {
      json.writeString(text);
    }
    json.writeEndArray();
  }

  private static void tools(ObjectWriter object, ChatRequest request, boolean own)
      throws IOException {
    if (!request.getTools().isEmpty()) {
      JsonGenerator json = object.name("tools");
      json.writeStartArray();
      for (Object tool : request.getTools()) {
        ToolWriter.tool(tool, own, json);
      }
      json.writeEndArray();
    }
    ToolChoice choice = request.getToolChoice();
    if (choice != null) {
      ToolWriter.choice(object, choice, own);
    }
    object.flag("parallel_tool_calls", request.getParallelToolCalls());
  }

  private static void responseFormat(
      ObjectWriter object, @Nullable ResponseFormat format, boolean own) throws IOException {
    if (format == null) {
      return;
    }
    switch (format.getKind()) {
      case RAW -> {
        if (!own) {
          throw new InexpressibleException(
              "response_format",
              "This provider does not know the response format that was asked for");
        }
        object.raw("response_format", format.getExtra());
      }
      case TEXT -> kind(object, format, own, "text");
      case JSON_OBJECT -> kind(object, format, own, "json_object");
      case JSON_SCHEMA -> {
        ObjectWriter outer =
            ObjectWriter.begin(object.name("response_format"), own ? format.getExtra() : null);
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

  private static void kind(ObjectWriter object, ResponseFormat format, boolean own, String type)
      throws IOException {
    ObjectWriter outer =
        ObjectWriter.begin(object.name("response_format"), own ? format.getExtra() : null);
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
      strings(object.name("stop"), stop);
    }
    object.number("min_p", sampling.getMinP());
    object.number("repetition_penalty", sampling.getRepetitionPenalty());
    if (!sampling.getLogitBias().isEmpty()) {
      ObjectWriter bias = ObjectWriter.begin(object.name("logit_bias"), null);
      for (Map.Entry<String, Double> entry : sampling.getLogitBias().entrySet()) {
        bias.number(entry.getKey(), entry.getValue());
      }
      bias.end();
    }
  }
}
