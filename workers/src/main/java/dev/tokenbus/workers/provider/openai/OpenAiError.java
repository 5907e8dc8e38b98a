package dev.tokenbus.workers.provider.openai;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.tokenbus.runtime.json.RawJson;
import dev.tokenbus.schemas.errors.ErrorCode;
import dev.tokenbus.workers.provider.ProviderFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The error object of OpenAI and the forms in which compatible servers bend it: under {@code error}
 * or bare, {@code code} as text or as a number, {@code error} as a mere string ({@code detail} with
 * FastAPI's servers).
 *
 * @param status HTTP status that the object itself names; 0 where it names none
 */
record OpenAiError(
    @Nullable String message,
    @Nullable String type,
    @Nullable String param,
    @Nullable String code,
    int status) {
  private static final OpenAiError EMPTY = new OpenAiError(null, null, null, null, 0);
  private static final int LONGEST_TEXT = 500;

  /**
   * Reads what can be read of it, and fails at nothing.
   *
   * @param json the error object itself or an object that holds it; anything else is taken as the
   *     message
   */
  static OpenAiError read(String json) {
    try (JsonParser parser = RawJson.FACTORY.createParser(json)) {
      JsonToken first = parser.nextToken();
      if (first == JsonToken.VALUE_STRING) {
        return ofMessage(parser.getText());
      }
      return first == JsonToken.START_OBJECT ? object(parser) : ofMessage(json);
    } catch (IOException e) {
      return ofMessage(json);
    }
  }

  static OpenAiError read(byte[] body) {
    return read(new String(body, StandardCharsets.UTF_8));
  }

  private static OpenAiError object(JsonParser parser) throws IOException {
    String message = null;
    String type = null;
    String param = null;
    String code = null;
    int status = 0;
    OpenAiError inner = EMPTY;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      switch (name) {
        case "error" -> inner = value == JsonToken.VALUE_NULL ? EMPTY : read(RawJson.text(parser));
        case "message", "detail" -> message = scalar(parser, value, message);
        case "type" -> type = scalar(parser, value, type);
        case "param" -> param = scalar(parser, value, param);
        case "code", "status" -> {
          int number = value == JsonToken.VALUE_NUMBER_INT ? parser.getIntValue() : 0;
          if (number >= 400 && number < 600) {
            status = number;
          } else {
            code = scalar(parser, value, code);
          }
        }
        default -> parser.skipChildren();
      }
    }
    return new OpenAiError(
        inner.message == null ? message : inner.message,
        inner.type == null ? type : inner.type,
        inner.param == null ? param : inner.param,
        inner.code == null ? code : inner.code,
        inner.status == 0 ? status : inner.status);
  }

  private static @Nullable String scalar(JsonParser parser, JsonToken value, @Nullable String known)
      throws IOException {
    if (value == JsonToken.VALUE_NULL) {
      return known;
    }
    return value.isScalarValue() ? parser.getText() : RawJson.text(parser);
  }

  private static OpenAiError ofMessage(String text) {
    String stripped = text.strip();
    if (stripped.isEmpty()) {
      return EMPTY;
    }
    String message =
        stripped.length() <= LONGEST_TEXT ? stripped : stripped.substring(0, LONGEST_TEXT) + "…";
    return new OpenAiError(message, null, null, null, 0);
  }

  /** What the error means when it comes inside an answer that began as a success. */
  ProviderFailure inStream() {
    ErrorCode meaning;
    if (status != 0) {
      meaning = codeFor(status);
    } else if (says("rate_limit")) {
      meaning = ErrorCode.PROVIDER_RATE_LIMITED;
    } else if (says("overloaded") || says("unavailable")) {
      meaning = ErrorCode.PROVIDER_UNAVAILABLE;
    } else if (says("invalid_request")) {
      meaning = codeFor(400);
    } else {
      meaning = ErrorCode.PROVIDER_ERROR;
    }
    return new ProviderFailure(
        isAboutContent() ? ErrorCode.CONTENT_FILTER : meaning,
        message == null ? "The provider reported an error without a message" : message,
        param,
        status == 0 ? null : status,
        null,
        null);
  }

  /** What an error answer with the status means. */
  ErrorCode codeFor(int httpStatus) {
    return switch (httpStatus) {
      case 401, 403 ->
          isAboutContent() ? ErrorCode.CONTENT_FILTER : ErrorCode.PROVIDER_AUTHENTICATION;
      // Our account with the provider, not the client's doing, and no retry mends it.
      case 402 -> ErrorCode.PROVIDER_NOT_CONFIGURED;
      case 408, 409 -> ErrorCode.PROVIDER_ERROR;
      case 429 ->
          says("insufficient_quota")
              ? ErrorCode.PROVIDER_NOT_CONFIGURED
              : ErrorCode.PROVIDER_RATE_LIMITED;
      case 503, 504, 529 -> ErrorCode.PROVIDER_UNAVAILABLE;
      default -> {
        if (httpStatus >= 500) {
          yield ErrorCode.PROVIDER_ERROR;
        }
        if (isAboutContext()) {
          yield ErrorCode.CONTEXT_LENGTH_EXCEEDED;
        }
        yield isAboutContent() ? ErrorCode.CONTENT_FILTER : ErrorCode.PROVIDER_REJECTED;
      }
    };
  }

  private boolean isAboutContext() {
    return says("context_length_exceeded")
        || messageSays("maximum context length")
        || messageSays("context window")
        || messageSays("context length")
        || messageSays("prompt is too long")
        || messageSays("too many input tokens");
  }

  private boolean isAboutContent() {
    return says("content_filter") || says("content_policy") || says("moderation");
  }

  private boolean says(String word) {
    return contains(code, word) || contains(type, word);
  }

  private boolean messageSays(String words) {
    return contains(message, words);
  }

  private static boolean contains(@Nullable String text, String words) {
    return text != null && text.toLowerCase(Locale.ROOT).contains(words);
  }
}
