package dev.tokenbus.cli.chat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Streams answers of {@code POST /v1/chat/completions}.
 *
 * <p>Thread-safe.
 */
public final class ChatClient implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
  private static final String DATA = "data:";
  private static final String DONE = "[DONE]";

  private final URI endpoint;
  private final String key;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECT_TIMEOUT)
          .build();

  /**
   * Opens no connection yet.
   *
   * @param url of the API, without {@code /v1}
   */
  public ChatClient(String url, String key) {
    endpoint = URI.create(url + "/v1/chat/completions");
    this.key = key;
  }

  /**
   * Sends the conversation and passes on the text as it arrives.
   *
   * @return the whole text
   * @throws ChatFailedException if there is no whole answer
   */
  public String ask(String model, List<ChatMessage> conversation, Consumer<String> text)
      throws InterruptedException {
    try {
      HttpResponse<Stream<String>> response =
          http.send(request(model, conversation), HttpResponse.BodyHandlers.ofLines());
      try (Stream<String> lines = response.body()) {
        if (response.statusCode() != 200) {
          throw refusal(response.statusCode(), lines.collect(Collectors.joining("\n")));
        }
        return read(lines.iterator(), text);
      }
    } catch (ConnectException e) {
      throw new ChatFailedException(
          "nobody answers at "
              + endpoint.resolve("/")
              + ": start Tokenbus with \"tokenbus up\", or set TOKENBUS_URL",
          e);
    } catch (IOException e) {
      throw new ChatFailedException("the connection to " + endpoint + " failed: " + e, e);
    }
  }

  private HttpRequest request(String model, List<ChatMessage> conversation) {
    ObjectNode body = JSON.createObjectNode().put("model", model).put("stream", true);
    ArrayNode messages = body.putArray("messages");
    conversation.forEach(message ->
        messages.addObject().put("role", message.role()).put("content", message.content()));
    return HttpRequest.newBuilder(endpoint)
        .header("Authorization", "Bearer " + key)
        .header("Content-Type", "application/json")
        .header("Accept", "text/event-stream")
        .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
        .build();
  }

  private static String read(Iterator<String> lines, Consumer<String> text) {
    StringBuilder whole = new StringBuilder();
    while (lines.hasNext()) {
      String line = lines.next();
      if (!line.startsWith(DATA)) {
        continue;
      }
      String data = line.substring(DATA.length()).strip();
      if (data.equals(DONE)) {
        return whole.toString();
      }
      JsonNode chunk = parse(data);
      if (chunk.has("error")) {
        throw new ChatFailedException("the answer broke off: " + messageOf(chunk), null);
      }
      for (JsonNode choice : chunk.path("choices")) {
        String piece = choice.path("delta").path("content").asText("");
        if (!piece.isEmpty()) {
          whole.append(piece);
          text.accept(piece);
        }
      }
    }
    throw new ChatFailedException(
        "the answer broke off: the connection closed before its end", null);
  }

  private static ChatFailedException refusal(int status, String body) {
    String message;
    try {
      message = messageOf(JSON.readTree(body));
    } catch (JsonProcessingException e) {
      message = body;
    }
    return new ChatFailedException("HTTP " + status + ": " + message, null);
  }

  private static String messageOf(JsonNode body) {
    JsonNode message = body.path("error").path("message");
    return message.isTextual() ? message.asText() : body.toString();
  }

  private static JsonNode parse(String data) {
    try {
      return JSON.readTree(data);
    } catch (JsonProcessingException e) {
      throw new ChatFailedException("the answer is not in OpenAI's form: " + data, e);
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
