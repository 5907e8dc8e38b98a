package dev.tokenbus.schemas.serde;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import org.apache.avro.Schema;
import org.apache.avro.SchemaParseException;
import org.jspecify.annotations.Nullable;

/**
 * The three calls of the Confluent Schema Registry REST API (v1) that Tokenbus makes. Works with
 * Confluent Schema Registry, Apicurio ({@code /apis/ccompat/v7}), Karapace and Redpanda.
 *
 * <p>Thread-safe.
 */
public final class SchemaRegistry implements AutoCloseable {
  private static final String CONTENT_TYPE = "application/vnd.schemaregistry.v1+json";
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

  /**
   * Only what starts registers, and a registry that has just started itself, on a machine where
   * everything does, has been seen to need more than 10 s for one call.
   */
  private static final Duration REGISTRATION_TIMEOUT = Duration.ofSeconds(20);

  private static final int REGISTRATION_TRIES = 3;

  /** A reader waits for this call with a record in hand, and can ask again. */
  private static final Duration LOOKUP_TIMEOUT = Duration.ofSeconds(3);

  private static final ObjectMapper JSON = new ObjectMapper();

  private final String baseUrl;
  private final @Nullable String authorization;
  private final HttpClient http;

  /**
   * @param url where the API begins; credentials in it ({@code https://key:secret@host}) are sent
   *     as basic authentication
   */
  public SchemaRegistry(URI url) {
    String userInfo = url.getUserInfo();
    authorization =
        userInfo == null
            ? null
            : "Basic "
                + Base64.getEncoder().encodeToString(userInfo.getBytes(StandardCharsets.UTF_8));
    String path = url.getRawPath() == null ? "" : url.getRawPath().replaceAll("/+$", "");
    baseUrl = url.getScheme() + "://" + hostAndPort(url) + path;
    http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT)
            .build();
  }

  /**
   * Registers the schema under the subject, or finds it there.
   *
   * @return the schema's id
   * @throws SchemaRegistryException if the registry is away or refuses, for example because the
   *     schema is not compatible
   */
  public int register(String subject, Schema schema) {
    String path = "/subjects/" + encoded(subject) + "/versions";
    String body = JSON.createObjectNode().put("schema", schema.toString()).toString();
    JsonNode id = write("POST", path, body, "register subject " + subject).path("id");
    if (!id.isInt()) {
      throw new SchemaRegistryException(
          "Schema registry " + baseUrl + " answered POST " + path + " without an id");
    }
    return id.asInt();
  }

  /**
   * The schema that was registered under the id.
   *
   * @throws SchemaRegistryException if the registry is away, does not know the id, or knows it as
   *     something that is not Avro
   */
  public Schema byId(int id) {
    String purpose = "look up schema id " + id;
    JsonNode answer = send("GET", "/schemas/ids/" + id, null, LOOKUP_TIMEOUT, purpose);
    try {
      return new Schema.Parser().parse(answer.path("schema").asText());
    } catch (SchemaParseException e) {
      throw new SchemaRegistryException(
          "Schema registry " + baseUrl + " knows schema id " + id + ", but not as Avro",
          SchemaRegistryException.Answer.NOT_AVRO,
          e);
    }
  }

  /**
   * Sets the subject's compatibility to BACKWARD_TRANSITIVE: new readers understand every old
   * record.
   */
  public void requireBackwardCompatibility(String subject) {
    JsonNode _ =
        write(
            "PUT",
            "/config/" + encoded(subject),
            "{\"compatibility\":\"BACKWARD_TRANSITIVE\"}",
            "set the compatibility of subject " + subject);
  }

  /** Sends what may be sent twice, and sends it again where no answer came in time. */
  private JsonNode write(String method, String path, String body, String purpose) {
    for (int tries = 1; ; tries++) {
      try {
        return send(method, path, body, REGISTRATION_TIMEOUT, purpose);
      } catch (SchemaRegistryException e) {
        if (tries == REGISTRATION_TRIES || !(e.getCause() instanceof HttpTimeoutException)) {
          throw e;
        }
      }
    }
  }

  private JsonNode send(
      String method, String path, @Nullable String body, Duration timeout, String purpose) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(baseUrl + path))
            .timeout(timeout)
            .header("Accept", CONTENT_TYPE + ", application/json");
    if (authorization != null) {
      request.header("Authorization", authorization);
    }
    if (body == null) {
      request.method(method, HttpRequest.BodyPublishers.noBody());
    } else {
      request
          .header("Content-Type", CONTENT_TYPE)
          .method(method, HttpRequest.BodyPublishers.ofString(body));
    }
    HttpResponse<String> response;
    try {
      response = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new SchemaRegistryException(
          "Schema registry "
              + baseUrl
              + " does not answer (cannot "
              + purpose
              + "): "
              + e
              + ". Start it, or point SCHEMA_REGISTRY_URL at one",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SchemaRegistryException("Interrupted while waiting to " + purpose, e);
    }
    if (response.statusCode() / 100 != 2) {
      throw new SchemaRegistryException(
          "Schema registry "
              + baseUrl
              + " refused to "
              + purpose
              + ": HTTP "
              + response.statusCode()
              + " "
              + response.body(),
          response.statusCode() == HttpURLConnection.HTTP_NOT_FOUND && hasErrorCode(response.body())
              ? SchemaRegistryException.Answer.NOT_FOUND
              : SchemaRegistryException.Answer.NONE,
          null);
    }
    try {
      return JSON.readTree(response.body());
    } catch (JsonProcessingException e) {
      throw new SchemaRegistryException(
          "Schema registry " + baseUrl + " did not answer in JSON (cannot " + purpose + ")", e);
    }
  }

  /**
   * Whether the answer is the registry's own and not that of a proxy in front of one that is away.
   */
  private static boolean hasErrorCode(String body) {
    try {
      return JSON.readTree(body).path("error_code").isInt();
    } catch (JsonProcessingException e) {
      return false;
    }
  }

  private static String hostAndPort(URI url) {
    return url.getPort() < 0 ? url.getHost() : url.getHost() + ":" + url.getPort();
  }

  private static String encoded(String pathSegment) {
    return URLEncoder.encode(pathSegment, StandardCharsets.UTF_8).replace("+", "%20");
  }

  @Override
  public void close() {
    http.close();
  }
}
