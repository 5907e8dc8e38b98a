package dev.tokenbus.bench.provider;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Calls a mock with the JDK's client and takes its streams apart by the letter of SSE. */
final class MockClient {
  static final ObjectMapper MAPPER = new ObjectMapper();

  private final HttpClient client = HttpClient.newHttpClient();
  private final URI base;

  MockClient(URI base) {
    this.base = base;
  }

  static String chat(String model, String prompt, String more) {
    return "{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]%s}"
        .formatted(model, prompt, more.isEmpty() ? "" : "," + more);
  }

  HttpResponse<String> post(String body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + "/chat/completions"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return send(request.build());
  }

  HttpResponse<String> get(String path) {
    return send(HttpRequest.newBuilder(URI.create(base + path)).build());
  }

  JsonNode json(String body) {
    HttpResponse<String> response = post(body);
    if (response.statusCode() != 200) {
      throw new IllegalStateException(response.statusCode() + " " + response.body());
    }
    return tree(response.body());
  }

  /** The stream's text as received. */
  String raw(String model, String prompt, String more) {
    String options = more.isEmpty() ? "" : "," + more;
    return post(chat(model, prompt, "\"stream\":true" + options)).body();
  }

  List<JsonNode> stream(String model, String prompt, String more) {
    return chunks(raw(model, prompt, more));
  }

  /** Lines end at CR, LF or CR LF alone, so {@link String#lines} would be too generous. */
  static List<JsonNode> chunks(String raw) {
    List<JsonNode> chunks = new ArrayList<>();
    for (String line : raw.split("\r\n|\r|\n", -1)) {
      if (line.startsWith("data: {")) {
        chunks.add(tree(line.substring(6)));
      }
    }
    return chunks;
  }

  static String text(List<JsonNode> chunks, String field) {
    StringBuilder text = new StringBuilder();
    for (JsonNode chunk : chunks) {
      text.append(chunk.path("choices").path(0).path("delta").path(field).asText(""));
    }
    return text.toString();
  }

  static JsonNode tree(String json) {
    try {
      return MAPPER.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("not JSON: " + json, e);
    }
  }

  private HttpResponse<String> send(HttpRequest request) {
    try {
      return client.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
