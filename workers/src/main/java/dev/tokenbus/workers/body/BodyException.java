package dev.tokenbus.workers.body;

import dev.tokenbus.schemas.errors.ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request cannot be had. Clients read its message, and nobody but the log its cause.
 */
public final class BodyException extends Exception {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;

  public BodyException(ErrorCode code, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  /** With which the attempt fails. */
  public ErrorCode code() {
    return code;
  }
}
