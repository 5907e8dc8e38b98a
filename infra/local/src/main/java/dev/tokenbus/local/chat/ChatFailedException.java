package dev.tokenbus.local.chat;

import org.jspecify.annotations.Nullable;

/** The API did not answer, refused, or broke off; the message says which in words for people. */
public final class ChatFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ChatFailedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
