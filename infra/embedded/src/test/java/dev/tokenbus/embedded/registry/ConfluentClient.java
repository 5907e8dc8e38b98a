package dev.tokenbus.embedded.registry;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The calls a serializer makes of a schema registry, as plain HTTP. */
public final class ConfluentClient implements AutoCloseable {
  private static final Pattern ID = Pattern.compile("\"id\"\\s*:\\s*(\\d+)");

  private final HttpClient http = HttpClient.newHttpClient();
  private final String url;

  public ConfluentClient(String url) {
    this.url = url;
  }

  /** A record schema with one field per name, each an optional string. */
  public static String record(String name, String... fields) {
    StringBuilder json =
        new StringBuilder("{\"type\":\"record\",\"name\":\"" + name + "\",\"fields\":[");
    for (int i = 0; i < fields.length; i++) {
      json.append(i == 0 ? "" : ",")
          .append(
              "{\"name\":\"%s\",\"type\":[\"null\",\"string\"],\"default\":null}"
                  .formatted(fields[i]));
    }
    return json.append("]}").toString();
  }

  public int register(String subject, String schema) throws IOException, InterruptedException {
    Reply reply = post("/subjects/" + subject + "/versions", schemaBody(schema));
    Matcher id = ID.matcher(reply.body());
    if (reply.status() != 200 || !id.find()) {
      throw new IOException("registering answered " + reply);
    }
    return Integer.parseInt(id.group(1));
  }

  public static String schemaBody(String schema) {
    return "{\"schema\":\"" + schema.replace("\"", "\\\"") + "\"}";
  }

  public Reply get(String path) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(URI.create(url + path)).GET());
  }

  public Reply post(String path, String body) throws IOException, InterruptedException {
    return send(
        HttpRequest.newBuilder(URI.create(url + path))
            .POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  public Reply put(String path, String body) throws IOException, InterruptedException {
    return send(
        HttpRequest.newBuilder(URI.create(url + path))
            .PUT(HttpRequest.BodyPublishers.ofString(body)));
  }

  private Reply send(HttpRequest.Builder request) throws IOException, InterruptedException {
    HttpResponse<String> response =
        http.send(
            request.header("Content-Type", "application/vnd.schemaregistry.v1+json").build(),
            HttpResponse.BodyHandlers.ofString());
    return new Reply(response.statusCode(), response.body());
  }

  @Override
  public void close() {
    http.close();
  }

  public record Reply(int status, String body) {}
}
