package dev.tokenbus.embedded.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Requests of the Confluent API to answers, without the HTTP around them. Thread-safe. */
final class RegistryApi {
  record Answer(int status, String body) {}

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Subjects subjects;

  RegistryApi(Subjects subjects) {
    this.subjects = subjects;
  }

  Answer answer(String method, String rawPath, String body) {
    try {
      return new Answer(200, json(result(method, segments(rawPath), body)));
    } catch (RegistryError e) {
      return new Answer(
          e.status(),
          json(Map.of("error_code", e.code(), "message", String.valueOf(e.getMessage()))));
    }
  }

  private Object result(String method, List<String> path, String body) {
    return switch (path.getFirst()) {
      case "subjects" -> ofSubjects(method, path, body);
      case "schemas" -> ofSchemas(method, path);
      case "config" -> ofConfig(method, path, body);
      case "compatibility" -> ofCompatibility(method, path, body);
      default -> throw notFound();
    };
  }

  private Object ofSubjects(String method, List<String> path, String body) {
    String route = method + " " + path.size();
    boolean versions = path.size() < 3 || path.get(2).equals("versions");
    if (!versions) {
      throw notFound();
    }
    return switch (route) {
      case "GET 1" -> subjects.names();
      case "POST 2" -> describe(subjects.find(path.get(1), schemaOf(body)));
      case "GET 3" ->
          subjects.versions(path.get(1)).stream().map(Subjects.Version::version).toList();
      case "POST 3" -> Map.of("id", subjects.register(path.get(1), schemaOf(body)).id());
      case "GET 4" -> describe(subjects.version(path.get(1), path.get(3)));
      default -> throw notFound();
    };
  }

  private Object ofSchemas(String method, List<String> path) {
    if (!method.equals("GET")
        || path.size() != 3
        || !path.get(1).equals("ids")
        || !path.get(2).matches("\\d{1,9}")) {
      throw notFound();
    }
    return Map.of("schema", subjects.byId(Integer.parseInt(path.get(2))).toString());
  }

  private Object ofConfig(String method, List<String> path, String body) {
    return switch (method + " " + path.size()) {
      case "GET 1" -> Map.of("compatibilityLevel", subjects.defaultLevel());
      case "GET 2" -> Map.of("compatibilityLevel", subjects.level(path.get(1)));
      case "PUT 1" -> {
        Compatibility level = levelOf(body);
        subjects.setDefaultLevel(level);
        yield Map.of("compatibility", level);
      }
      case "PUT 2" -> {
        Compatibility level = levelOf(body);
        subjects.setLevel(path.get(1), level);
        yield Map.of("compatibility", level);
      }
      default -> throw notFound();
    };
  }

  private Object ofCompatibility(String method, List<String> path, String body) {
    if (!method.equals("POST")
        || path.size() != 5
        || !path.get(1).equals("subjects")
        || !path.get(3).equals("versions")) {
      throw notFound();
    }
    return Map.of("is_compatible", subjects.isCompatible(path.get(2), path.get(4), schemaOf(body)));
  }

  private static Map<String, Object> describe(Subjects.Version version) {
    return Map.of(
        "subject", version.subject(),
        "version", version.version(),
        "id", version.id(),
        "schema", version.schema().toString());
  }

  private static String schemaOf(String body) {
    JsonNode schema = parse(body).path("schema");
    if (!schema.isTextual()) {
      throw new RegistryError(42201, "The request names no schema");
    }
    return schema.textValue();
  }

  private static Compatibility levelOf(String body) {
    String name = parse(body).path("compatibility").asText();
    return Compatibility.named(name)
        .orElseThrow(() -> new RegistryError(42203, "Invalid compatibility level: " + name));
  }

  private static JsonNode parse(String body) {
    try {
      return JSON.readTree(body);
    } catch (JsonProcessingException e) {
      throw new RegistryError(400, "The request is no JSON: " + e.getMessage());
    }
  }

  private static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("our own answer cannot be written", e);
    }
  }

  private static List<String> segments(String rawPath) {
    return Arrays.stream(rawPath.replaceAll("^/+|/+$", "").split("/", -1))
        .map(segment -> URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8))
        .toList();
  }

  private static RegistryError notFound() {
    return new RegistryError(404, "HTTP 404 Not Found");
  }
}
