package dev.tokenbus.bench.provider.encoding;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Serial;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** An answer in OpenAI's error form; wordings and codes as api.openai.com gives them. */
public final class ApiError extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  private final int status;
  private final String type;
  private final transient Optional<String> param;
  private final transient Optional<String> code;

  private ApiError(
      int status, String type, Optional<String> param, Optional<String> code, String message) {
    super(message);
    this.status = status;
    this.type = type;
    this.param = param;
    this.code = code;
  }

  public static ApiError invalid(String param, String message) {
    return new ApiError(
        400, "invalid_request_error", Optional.of(param), Optional.of("invalid_value"), message);
  }

  public static ApiError notJson() {
    return new ApiError(
        400,
        "invalid_request_error",
        Optional.empty(),
        Optional.empty(),
        "We could not parse the JSON body of your request.");
  }

  public static ApiError wrongKey() {
    return new ApiError(
        401,
        "invalid_request_error",
        Optional.empty(),
        Optional.of("invalid_api_key"),
        "Incorrect API key provided.");
  }

  public static ApiError unknownModel(String model, String why) {
    return new ApiError(
        404,
        "invalid_request_error",
        Optional.empty(),
        Optional.of("model_not_found"),
        "The model `" + model + "` does not exist or you do not have access to it." + why);
  }

  public static ApiError unknownUrl(String method, String path) {
    return new ApiError(
        404,
        "invalid_request_error",
        Optional.empty(),
        Optional.of("unknown_url"),
        "Invalid URL (" + method + " " + path + ")");
  }

  public static ApiError wrongMethod(String method, String path) {
    return new ApiError(
        405,
        "invalid_request_error",
        Optional.empty(),
        Optional.of("method_not_supported"),
        "Not allowed to " + method + " on " + path + ".");
  }

  public static ApiError ofStatus(int status) {
    return switch (status) {
      case 400 -> invalid("messages", "The mock was told to refuse this request.");
      case 401 -> wrongKey();
      case 429 ->
          new ApiError(
              429,
              "requests",
              Optional.empty(),
              Optional.of("rate_limit_exceeded"),
              "Rate limit reached for requests.");
      case 503 ->
          new ApiError(
              503,
              "server_error",
              Optional.empty(),
              Optional.empty(),
              "The engine is currently overloaded, please try again later.");
      default ->
          new ApiError(
              status,
              status < 500 ? "invalid_request_error" : "server_error",
              Optional.empty(),
              Optional.empty(),
              "The server had an error while processing your request. Sorry about that!");
    };
  }

  public int status() {
    return status;
  }

  public byte[] json() {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    ObjectNode error = body.putObject("error");
    error.put("message", getMessage());
    error.put("type", type);
    error.put("param", param.orElse(null));
    error.put("code", code.orElse(null));
    return body.toString().getBytes(StandardCharsets.UTF_8);
  }
}
