package dev.tokenbus.cli.chat;

import org.jspecify.annotations.Nullable;

/**
 * The API did not answer, refused the request, or broke off; the message, for people, says which.
 */
public final class ChatFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ChatFailedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
