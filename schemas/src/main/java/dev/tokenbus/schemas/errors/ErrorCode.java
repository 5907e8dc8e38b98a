package dev.tokenbus.schemas.errors;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Every way in which a request can fail, under one name on topics, in HTTP bodies, logs and tables.
 *
 * <p>The wire name is the constant's name in lower case. A name this version does not know reads as
 * {@link #INTERNAL}.
 */
public enum ErrorCode {
  // The client's doing: the same request will fail again.
  INVALID_REQUEST(400, false),
  INVALID_API_KEY(401, false),
  INSUFFICIENT_QUOTA(402, false),
  PERMISSION_DENIED(403, false),
  NOT_FOUND(404, false),
  MODEL_NOT_FOUND(404, false),
  METHOD_NOT_ALLOWED(405, false),
  /** The request's body came too slowly; nothing was accepted. */
  REQUEST_TIMEOUT(408, true),
  /** The idempotency key was used with another body. */
  IDEMPOTENCY_CONFLICT(409, false),
  /**
   * The request repeats an earlier one under its idempotency key and was answered with that one's
   * answer.
   */
  IDEMPOTENT_REPEAT(200, false),
  EXPIRED(410, false),
  REQUEST_TOO_LARGE(413, false),
  UNSUPPORTED_MEDIA_TYPE(415, false),
  CONTEXT_LENGTH_EXCEEDED(400, false),
  CONTENT_FILTER(400, false),
  RATE_LIMIT_EXCEEDED(429, true),
  /** The client has gone and its policy is to cancel, or an operator stopped the request. */
  CANCELLED(499, false),

  // The provider's doing.
  /**
   * The provider refused the request as such (HTTP 4xx): another provider may take it, the same
   * will not.
   */
  PROVIDER_REJECTED(400, false),
  /**
   * No usable credential for the provider: its environment variable is not set, or the provider
   * refused the key.
   */
  PROVIDER_NOT_CONFIGURED(503, false),
  PROVIDER_AUTHENTICATION(502, false),
  PROVIDER_RATE_LIMITED(429, true),
  PROVIDER_UNAVAILABLE(503, true),
  PROVIDER_ERROR(502, true),
  /** No byte of output in time. */
  FIRST_TOKEN_TIMEOUT(504, true),
  /** Output stopped for too long in the middle. */
  STALLED(504, true),
  /** The provider closed the connection before its answer was complete. */
  STREAM_CUT(502, true),
  /** The provider's answer cannot be understood. */
  MALFORMED_RESPONSE(502, true),

  // Our doing.
  DEADLINE_EXCEEDED(504, false),
  /**
   * The request was written by a newer version in words that this one does not know; nothing was
   * called.
   */
  UNREADABLE_REQUEST(503, false),
  /** The answer was written by a newer version in words that this instance does not know. */
  UNREADABLE_REPLY(503, true),
  /** The worker died or was stopped while it ran the attempt. */
  WORKER_LOST(503, true),
  /** Every attempt that policy allows has failed. */
  ATTEMPTS_EXHAUSTED(502, false),
  /** The stream broke half-way and cannot be continued without changing what was delivered. */
  STREAM_BROKEN(502, false),
  UNAVAILABLE(503, true),
  INTERNAL(500, false);

  private static final Map<String, ErrorCode> BY_WIRE_NAME =
      Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(ErrorCode::wireName, c -> c));

  private final String wireName = name().toLowerCase(Locale.ROOT);
  private final int httpStatus;
  private final boolean retryable;

  ErrorCode(int httpStatus, boolean retryable) {
    this.httpStatus = httpStatus;
    this.retryable = retryable;
  }

  public static ErrorCode of(String wireName) {
    return BY_WIRE_NAME.getOrDefault(wireName, INTERNAL);
  }

  public String wireName() {
    return wireName;
  }

  /** The status with which the ingress answers, unless the stream has begun. */
  public int httpStatus() {
    return httpStatus;
  }

  /**
   * Whether the same request may succeed when it is made again, now by another worker or later by
   * the client.
   */
  public boolean retryable() {
    return retryable;
  }
}
