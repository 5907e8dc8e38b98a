package dev.tokenbus.router.lifecycle;

import dev.tokenbus.schemas.avro.AttemptEvent;
import dev.tokenbus.schemas.avro.AttemptFinished;
import dev.tokenbus.schemas.errors.ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * Why a request or an attempt failed, as it is reported to the client.
 *
 * @param code an {@link ErrorCode}'s wire name
 * @param message one sentence for the client
 * @param param the request parameter at fault
 * @param provider who was asked
 * @param providerStatus HTTP status the provider answered with
 * @param retryAfterMs how long to wait before the next try, in milliseconds
 */
public record Failure(
    String code,
    String message,
    @Nullable String param,
    @Nullable String provider,
    @Nullable Integer providerStatus,
    @Nullable Long retryAfterMs) {

  public static Failure of(ErrorCode code, String message) {
    return new Failure(code.wireName(), message, null, null, null, null);
  }

  static Failure of(AttemptEvent event, AttemptFinished finished, ErrorCode otherwise) {
    String code = finished.getErrorCode() == null ? otherwise.wireName() : finished.getErrorCode();
    String message =
        finished.getErrorMessage() == null
            ? "The attempt at provider " + event.getProvider() + " ended: " + code
            : finished.getErrorMessage();
    return new Failure(
        code,
        message,
        finished.getErrorParam(),
        event.getProvider(),
        finished.getHttpStatus(),
        finished.getRetryAfterMs());
  }

  ErrorCode errorCode() {
    return ErrorCode.of(code);
  }

  Failure withParam(String newParam) {
    return new Failure(code, message, newParam, provider, providerStatus, retryAfterMs);
  }

  Failure withProvider(String newProvider) {
    return new Failure(code, message, param, newProvider, providerStatus, retryAfterMs);
  }
}
