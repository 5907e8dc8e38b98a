package dev.tokenbus.local.chaos;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/** OpenAI's chat completions, as far as the clients here need them. */
final class ChatText {
  static final String DONE = "[DONE]";
  private static final ObjectMapper JSON = new ObjectMapper();

  private ChatText() {}

  static String request(Job job) {
    ObjectNode body = JSON.createObjectNode();
    body.put("model", job.model());
    body.put("stream", job.kind() != Job.Kind.WHOLE);
    body.putArray("messages").addObject().put("role", "user").put("content", job.prompt());
    return body.toString();
  }

  /** The text that an event of a stream adds. */
  static String delta(String data) {
    return read(data).path("choices").path(0).path("delta").path("content").asText("");
  }

  /** Whether the event says why the answer ends. */
  static boolean finishes(String data) {
    return read(data).path("choices").path(0).path("finish_reason").isTextual();
  }

  /** The whole text of an answer in one piece; empty if it is none. */
  static Optional<String> whole(String body) {
    JsonNode content = read(body).path("choices").path(0).path("message").path("content");
    return content.isTextual() ? Optional.of(content.asText()) : Optional.empty();
  }

  /** What an error body or event says: code and message. */
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
