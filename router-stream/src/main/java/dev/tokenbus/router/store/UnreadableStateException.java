package dev.tokenbus.router.store;

/** Thrown for an entry of the store that a newer version has written and this one cannot read. */
public final class UnreadableStateException extends Exception {
  private static final long serialVersionUID = 1L;

  UnreadableStateException(String message, Throwable cause) {
    super(message, cause);
  }
}
