package dev.tokenbus.workers.provider;

import dev.tokenbus.schemas.errors.ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * Why a call failed.
 *
 * @param message for the client and the operator; never contains a credential
 * @param param the request parameter at fault, where the provider named one
 * @param httpStatus with which the provider answered
 * @param retryAfterMs how long the provider asked to wait
 * @param requestId by which the provider finds the call in its own logs
 */
public record ProviderFailure(
    ErrorCode code,
    String message,
    @Nullable String param,
    @Nullable Integer httpStatus,
    @Nullable Long retryAfterMs,
    @Nullable String requestId) {
  private static final int LONGEST_MESSAGE = 2_000;
  private static final int UNAVAILABLE = 503;

  /** Anthropic's own. */
  private static final int OVERLOADED = 529;

  public ProviderFailure {
    if (message.length() > LONGEST_MESSAGE) {
      message = message.substring(0, LONGEST_MESSAGE) + "…";
    }
  }

  /** Whether the provider says that it is asked for too much. */
  public boolean overloaded() {
    return code == ErrorCode.PROVIDER_RATE_LIMITED
        || (httpStatus != null && (httpStatus == UNAVAILABLE || httpStatus == OVERLOADED));
  }

  public static ProviderFailure of(ErrorCode code, String message) {
    return new ProviderFailure(code, message, null, null, null, null);
  }
}
