package dev.tokenbus.cli.terminal;

/** A command failed; the message is all that the user needs to know. */
public final class CommandFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Says what failed. */
  public CommandFailedException(String message) {
    super(message);
  }

  /** Says what failed, and why. */
  public CommandFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
