package dev.tokenbus.ingress.protocol.openai.chat;

import com.fasterxml.jackson.core.JsonToken;
import dev.tokenbus.ingress.protocol.openai.BadRequest;
import dev.tokenbus.runtime.json.ExtraMembers;
import dev.tokenbus.runtime.json.JsonCursor;
import dev.tokenbus.runtime.json.JsonObjectIndex;
import dev.tokenbus.runtime.json.JsonPath;
import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.Message;
import dev.tokenbus.schemas.avro.Priority;
import dev.tokenbus.schemas.avro.Reasoning;
import dev.tokenbus.schemas.avro.ResponseFormat;
import dev.tokenbus.schemas.avro.RoutingPreferences;
import dev.tokenbus.schemas.avro.ToolChoice;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Parses options of the request: OpenAI's, and Tokenbus' extensions, which no provider gets. Not
 * thread-safe.
 */
final class OpenAiOptions {
  /** The members that only Tokenbus knows. */
  static final Set<String> EXTENSIONS =
      Set.of("mode", "agent_id", "agentId", "priority", "models", "maxTokens");

  // What goes beside the body is kept by the router for as long as the request runs, and stands in
  // its outcome.
  private static final int AGENT_CHARACTERS = 128;
  private static final int EFFORT_CHARACTERS = 64;
  private static final int MODEL_CHARACTERS = 256;
  private static final int FALLBACKS = 16;

  private static final JsonPath STREAM_OPTIONS = JsonPath.ROOT.at("stream_options");

  private Map<String, String> metadata = Map.of();
  private List<String> fallbacks = List.of();
  private boolean stream;
  private boolean streamOptions;
  private boolean includeUsage;
  private @Nullable Boolean parallelToolCalls;
  private @Nullable Reasoning reasoning;
  private @Nullable String user;
  private @Nullable String mode;
  private @Nullable String agent;
  private @Nullable Priority priority;

  /**
   * Reads the value if the member is one of these.
   *
   * @param extra keeps what the canonical form does not model
   * @return whether the member is one of these
   */
  boolean take(String name, JsonCursor cursor, JsonPath at, ExtraMembers extra) throws IOException {
    switch (name) {
      case "stream" -> stream = cursor.bool(at);
      case "stream_options" -> streamOptions(cursor, extra);
      case "parallel_tool_calls" -> parallelToolCalls = cursor.bool(at);
      case "reasoning_effort" ->
          reasoning =
              Reasoning.newBuilder().setEffort(bounded(cursor, at, EFFORT_CHARACTERS)).build();
      case "user" -> user = cursor.string(at);
      case "metadata" -> metadata(name, cursor, extra);
      case "mode" -> mode = mode(cursor.string(at), at);
      case "agent_id", "agentId" -> agent(name, bounded(cursor, at, AGENT_CHARACTERS));
      case "priority" -> priority = priority(cursor.string(at), at);
      case "models" -> fallbacks = models(cursor, at);
      default -> {
        return false;
      }
    }
    return true;
  }

  ChatRequest request(
      String model,
      List<Message> messages,
      List<Object> tools,
      @Nullable ToolChoice toolChoice,
      @Nullable ResponseFormat responseFormat,
      OpenAiSampling sampling,
      @Nullable String extra) {
    if (streamOptions && !stream) {
      throw BadRequest.invalid(STREAM_OPTIONS, "it is only allowed when 'stream' is true.");
    }
    return ChatRequest.newBuilder()
        .setModel(model)
        .setMessages(messages)
        .setTools(tools)
        .setToolChoice(toolChoice)
        .setParallelToolCalls(parallelToolCalls)
        .setResponseFormat(responseFormat)
        .setSampling(sampling.sampling())
        .setReasoning(reasoning)
        .setStream(stream)
        .setIncludeUsage(includeUsage)
        .setUser(user)
        .setMetadata(metadata)
        .setSpelling(sampling.spelling())
        .setExtra(extra)
        .build();
  }

  RoutingPreferences preferences() {
    return RoutingPreferences.newBuilder().setModels(fallbacks).build();
  }

  @Nullable String mode() {
    return mode;
  }

  @Nullable String agent() {
    return agent;
  }

  @Nullable Priority priority() {
    return priority;
  }

  private void streamOptions(JsonCursor cursor, ExtraMembers extra) throws IOException {
    JsonObjectIndex members = new JsonObjectIndex(cursor, STREAM_OPTIONS);
    streamOptions = true;
    includeUsage = Boolean.TRUE.equals(members.bool("include_usage"));
    String rest = members.rest();
    if (rest != null) {
      extra.keep("stream_options", rest);
    }
  }

  /** Parses a map of strings; a provider may know other forms, so they are passed on unchanged. */
  private void metadata(String name, JsonCursor cursor, ExtraMembers extra) throws IOException {
    int from = cursor.position();
    JsonToken kind = cursor.token();
    Map<String, String> strings = new LinkedHashMap<>();
    boolean others = kind != JsonToken.START_OBJECT;
    if (others) {
      cursor.skip();
    }
    while (kind == JsonToken.START_OBJECT && cursor.nextMember()) {
      String member = cursor.member();
      if (cursor.token() == JsonToken.VALUE_STRING) {
        strings.put(member, cursor.string(JsonPath.ROOT.at(name).at(member)));
      } else {
        others = true;
        cursor.skip();
      }
    }
    if (others || strings.isEmpty()) {
      extra.keep(name, cursor.slice(from, cursor.end()));
    } else {
      metadata = strings;
    }
  }

  private static String mode(String word, JsonPath at) {
    return switch (word) {
      case "flash", "think", "ultra-think" -> word;
      default -> throw BadRequest.unsupported(at, word, "'flash', 'think', and 'ultra-think'");
    };
  }

  private void agent(String name, String id) {
    if (agent != null && !agent.equals(id)) {
      throw BadRequest.conflict(
          JsonPath.ROOT.at(name), name.equals("agentId") ? "agent_id" : "agentId");
    }
    agent = id;
  }

  private static Priority priority(String word, JsonPath at) {
    return switch (word) {
      case "interactive" -> Priority.INTERACTIVE;
      case "batch" -> Priority.BATCH;
      default -> throw BadRequest.unsupported(at, word, "'interactive' and 'batch'");
    };
  }

  private static List<String> models(JsonCursor cursor, JsonPath at) throws IOException {
    cursor.requireArray(at);
    List<String> names = new ArrayList<>();
    while (cursor.next() != JsonToken.END_ARRAY) {
      if (names.size() == FALLBACKS) {
        throw BadRequest.invalid(at, "expected at most " + FALLBACKS + " models.");
      }
      names.add(bounded(cursor, at.at(names.size()), MODEL_CHARACTERS));
    }
    return names;
  }

  private static String bounded(JsonCursor cursor, JsonPath at, int most) throws IOException {
    String text = cursor.string(at);
    if (text.length() > most) {
      throw BadRequest.invalid(at, "expected at most " + most + " characters.");
    }
    return text;
  }
}
