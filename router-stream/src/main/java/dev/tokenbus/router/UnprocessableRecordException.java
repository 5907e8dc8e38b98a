package dev.tokenbus.router;

/**
 * A record that can be read but makes no sense. It belongs to the dead letters; processing goes on
 * behind it.
 */
public final class UnprocessableRecordException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UnprocessableRecordException(String message) {
    super(message);
  }

  UnprocessableRecordException(String message, Throwable cause) {
    super(message, cause);
  }
}
