package dev.tokenbus.ingress.protocol;

import dev.tokenbus.schemas.avro.Failed;
import dev.tokenbus.schemas.avro.Rejected;
import dev.tokenbus.schemas.errors.ErrorCode;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An error of a request, before a dialect renders it.
 *
 * @param message tells the client's developer what is wrong and what to do
 * @param param the JSON path of the offending parameter
 * @param detail a more specific code in the vocabulary of the request's dialect
 * @param retryAfter how long to wait before the next try, if known
 * @param repeatable whether the client may make the same request again; not where the one that
 *     fails here has run and is billed
 */
public record Problem(
    ErrorCode code,
    String message,
    @Nullable String param,
    @Nullable String detail,
    @Nullable Duration retryAfter,
    boolean repeatable) {
  public Problem {
    Objects.requireNonNull(code, "code");
    Objects.requireNonNull(message, "message");
  }

  /** A problem after which the client may try again if its code says so. */
  public Problem(
      ErrorCode code,
      String message,
      @Nullable String param,
      @Nullable String detail,
      @Nullable Duration retryAfter) {
    this(code, message, param, detail, retryAfter, code.retryable());
  }

  public static Problem of(ErrorCode code, String message) {
    return new Problem(code, message, null, null, null);
  }

  /** The problem of an invalid request. */
  public static Problem invalid(String message, @Nullable String param, @Nullable String detail) {
    return new Problem(ErrorCode.INVALID_REQUEST, message, param, detail, null);
  }

  public static Problem of(Failed failed) {
    return new Problem(
        ErrorCode.of(failed.getCode()),
        failed.getMessage(),
        failed.getParam(),
        null,
        millis(failed.getRetryAfterMs()));
  }

  public static Problem of(Rejected rejected) {
    return new Problem(
        ErrorCode.of(rejected.getCode()),
        rejected.getMessage(),
        rejected.getParam(),
        null,
        millis(rejected.getRetryAfterMs()));
  }

  public Problem retryAfter(Duration delay) {
    return new Problem(code, message, param, detail, delay, repeatable);
  }

  /** As this problem, of a request that must not be made again, since it runs and is billed. */
  public Problem notRepeatable() {
    return new Problem(code, message, param, detail, retryAfter, false);
  }

  private static @Nullable Duration millis(@Nullable Long value) {
    return value == null ? null : Duration.ofMillis(value);
  }
}
