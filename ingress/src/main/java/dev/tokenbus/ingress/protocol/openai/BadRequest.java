package dev.tokenbus.ingress.protocol.openai;

import com.fasterxml.jackson.core.JsonToken;
import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.ingress.protocol.ProblemException;
import dev.tokenbus.runtime.json.JsonPath;
import dev.tokenbus.runtime.json.JsonValueException;
import org.jspecify.annotations.Nullable;

/** Builds the problems of invalid requests in OpenAI's words. */
public final class BadRequest {
  private BadRequest() {}

  public static ProblemException notJson(String reason) {
    return of("We could not parse the JSON body of your request: " + reason, null, null);
  }

  /** The problem of a value that is not of the type, or not in the range, that it must be of. */
  public static ProblemException of(JsonValueException.Fault fault) {
    return switch (fault) {
      case JsonValueException.Fault.Missing(var path) -> missing(path);
      case JsonValueException.Fault.WrongType(var path, var expected, var got) ->
          wrongType(path, expected, got);
      case JsonValueException.Fault.Below(var path, var kind, var minimum, var got) ->
          below(path, kind, minimum, got);
      case JsonValueException.Fault.Above(var path, var kind, var maximum, var got) ->
          above(path, kind, maximum, got);
    };
  }

  public static ProblemException missing(JsonPath path) {
    return of("Missing required parameter: '" + path + "'.", path, "missing_required_parameter");
  }

  public static ProblemException wrongType(JsonPath path, String expected, JsonToken got) {
    return of(
        "Invalid type for '"
            + path
            + "': expected "
            + expected
            + ", but got "
            + words(got)
            + " instead.",
        path,
        "invalid_type");
  }

  public static ProblemException emptyArray(JsonPath path) {
    return of(
        "Invalid '"
            + path
            + "': empty array. Expected an array with minimum length 1, but got an empty array instead.",
        path,
        "empty_array");
  }

  /** The problem of a value that is not allowed. */
  public static ProblemException invalid(JsonPath path, String reason) {
    return of("Invalid '" + path + "': " + reason, path, "invalid_value");
  }

  private static ProblemException below(JsonPath path, String kind, String minimum, String got) {
    return of(
        "Invalid '%s': %s below minimum value. Expected a value >= %s, but got %s instead."
            .formatted(path, kind, minimum, got),
        path,
        kind + "_below_min_value");
  }

  private static ProblemException above(JsonPath path, String kind, String maximum, String got) {
    return of(
        "Invalid '%s': %s above maximum value. Expected a value <= %s, but got %s instead."
            .formatted(path, kind, maximum, got),
        path,
        kind + "_above_max_value");
  }

  public static ProblemException unsupported(JsonPath path, String got, String supported) {
    return of(
        "Invalid value: '" + shortened(got) + "'. Supported values are: " + supported + ".",
        path,
        "invalid_value");
  }

  public static ProblemException conflict(JsonPath path, String other) {
    return of(
        "'" + path + "' and '" + other + "' are given with different values; give one of them.",
        path,
        "invalid_value");
  }

  /** Shortens foreign text to one line for a message. */
  public static String oneLine(String text) {
    String line = text.replaceAll("\\s+", " ").strip();
    return line.length() <= 300 ? line : line.substring(0, 300) + "…";
  }

  private static String shortened(String text) {
    return text.length() <= 64 ? text : text.substring(0, 64) + "…";
  }

  private static ProblemException of(
      String message, @Nullable JsonPath path, @Nullable String detail) {
    return new ProblemException(
        Problem.invalid(message, path == null ? null : path.toString(), detail));
  }

  private static String words(JsonToken token) {
    return switch (token) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "an array";
      case VALUE_STRING -> "a string";
      case VALUE_NUMBER_INT -> "an integer";
      case VALUE_NUMBER_FLOAT -> "a decimal number";
      case VALUE_TRUE, VALUE_FALSE -> "a boolean";
      case VALUE_NULL -> "null";
      case NOT_AVAILABLE, END_OBJECT, END_ARRAY, FIELD_NAME, VALUE_EMBEDDED_OBJECT ->
          throw new IllegalArgumentException("Not the beginning of a value: " + token);
    };
  }
}
