package dev.tokenbus.chaos.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/** Writes and reads OpenAI's chat completions as far as these clients need them. */
final class ChatJson {
  static final String DONE = "[DONE]";
  private static final ObjectMapper JSON = new ObjectMapper();

  private ChatJson() {}

  static String request(ClientRequest request) {
    ObjectNode body = JSON.createObjectNode();
    body.put("model", request.model());
    body.put("stream", request.kind() != ClientRequest.Kind.WHOLE);
    body.putArray("messages").addObject().put("role", "user").put("content", request.prompt());
    return body.toString();
  }

  /** The text that an event of a stream adds. */
  static String delta(String data) {
    return read(data).path("choices").path(0).path("delta").path("content").asText("");
  }

  /** Whether the event has a finish reason. */
  static boolean finishes(String data) {
    return read(data).path("choices").path(0).path("finish_reason").isTextual();
  }

  /** The text of an answer that is not streamed; empty if the body holds none. */
  static Optional<String> whole(String body) {
    JsonNode content = read(body).path("choices").path(0).path("message").path("content");
    return content.isTextual() ? Optional.of(content.asText()) : Optional.empty();
  }

  /** Code and message of an error body or event. */
  static Optional<String> error(String data) {
    JsonNode error = read(data).path("error");
    return error.isObject()
        ? Optional.of(error.path("code").asText("?") + ": " + error.path("message").asText(""))
        : Optional.empty();
  }

  private static JsonNode read(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("Not JSON: " + text, e);
    }
  }
}
