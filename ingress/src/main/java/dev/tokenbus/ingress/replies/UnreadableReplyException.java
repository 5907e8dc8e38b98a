package dev.tokenbus.ingress.replies;

import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.schemas.errors.ErrorCode;

/**
 * A reply of the request is in the log, but a newer version wrote it and this one cannot decode it.
 * Another instance may be able to.
 */
public final class UnreadableReplyException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UnreadableReplyException() {
    super("A newer version has written a reply that this one cannot decode", null, false, false);
  }

  /**
   * The problem that the client is told. The request itself goes on and is billed, so a client that
   * made it again would pay twice.
   */
  public Problem problem() {
    return Problem.of(
            ErrorCode.UNREADABLE_REPLY,
            "A newer version of the server has written the rest of this response, which this"
                + " instance cannot read. Resume it on another instance.")
        .notRepeatable();
  }
}
