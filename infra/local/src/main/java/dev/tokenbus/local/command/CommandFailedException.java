package dev.tokenbus.local.command;

/** A command cannot do what it was asked for; the message is all that the user needs to know. */
final class CommandFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CommandFailedException(String message) {
    super(message);
  }

  CommandFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
