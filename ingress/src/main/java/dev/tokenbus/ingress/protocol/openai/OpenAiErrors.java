package dev.tokenbus.ingress.protocol.openai;

import dev.tokenbus.ingress.protocol.ErrorResponse;
import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.runtime.json.Utf8Buffer;
import dev.tokenbus.schemas.errors.ErrorCode;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes OpenAI's error object in the words that its SDKs and their users look for. */
public final class OpenAiErrors {
  private OpenAiErrors() {}

  /** The error response for a problem. */
  public static ErrorResponse response(Problem problem) {
    Utf8Buffer body = new Utf8Buffer();
    write(problem, body);
    int status = problem.code().httpStatus();
    // OpenAI's SDKs retry these statuses unless this header forbids it.
    boolean forbidsRetry = isRetriedByClients(status) && !problem.repeatable();
    return new ErrorResponse(
        status,
        "application/json",
        body.toByteArray(),
        forbidsRetry ? Map.of("x-should-retry", "false") : Map.of());
  }

  private static boolean isRetriedByClients(int status) {
    return status == 408 || status == 409 || status == 429 || status >= 500;
  }

  /** Writes {@code {"error":{"message","type","param","code"}}}. */
  public static void write(Problem problem, Utf8Buffer out) {
    out.ascii("{\"error\":{\"message\":").string(problem.message());
    out.ascii(",\"type\":").string(type(problem.code()));
    out.ascii(",\"param\":");
    nullable(problem.param(), out);
    out.ascii(",\"code\":");
    nullable(code(problem), out);
    out.ascii("}}");
  }

  private static String type(ErrorCode code) {
    return switch (code) {
      case INSUFFICIENT_QUOTA -> "insufficient_quota";
      case RATE_LIMIT_EXCEEDED, PROVIDER_RATE_LIMITED -> "requests";
      case INVALID_REQUEST,
          INVALID_API_KEY,
          PERMISSION_DENIED,
          NOT_FOUND,
          MODEL_NOT_FOUND,
          METHOD_NOT_ALLOWED,
          IDEMPOTENCY_CONFLICT,
          IDEMPOTENT_REPEAT,
          REQUEST_TIMEOUT,
          EXPIRED,
          REQUEST_TOO_LARGE,
          UNSUPPORTED_MEDIA_TYPE,
          CONTEXT_LENGTH_EXCEEDED,
          CONTENT_FILTER,
          CANCELLED,
          PROVIDER_REJECTED ->
          "invalid_request_error";
      case PROVIDER_NOT_CONFIGURED,
          PROVIDER_AUTHENTICATION,
          PROVIDER_UNAVAILABLE,
          PROVIDER_ERROR,
          FIRST_TOKEN_TIMEOUT,
          STALLED,
          STREAM_CUT,
          MALFORMED_RESPONSE,
          DEADLINE_EXCEEDED,
          UNREADABLE_REQUEST,
          UNREADABLE_REPLY,
          WORKER_LOST,
          ATTEMPTS_EXHAUSTED,
          STREAM_BROKEN,
          UNAVAILABLE,
          INTERNAL ->
          "server_error";
    };
  }

  private static @Nullable String code(Problem problem) {
    if (problem.detail() != null) {
      return problem.detail();
    }
    return problem.code() == ErrorCode.INVALID_REQUEST ? null : problem.code().wireName();
  }

  private static void nullable(@Nullable String text, Utf8Buffer out) {
    if (text == null) {
      out.ascii("null");
    } else {
      out.string(text);
    }
  }
}
