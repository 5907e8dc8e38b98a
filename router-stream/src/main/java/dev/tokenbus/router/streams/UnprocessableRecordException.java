package dev.tokenbus.router.streams;

/**
 * Thrown for a record that can be read but is not valid. The record goes to the dead letters;
 * processing continues with the next one.
 */
public final class UnprocessableRecordException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UnprocessableRecordException(String message) {
    super(message);
  }

  public UnprocessableRecordException(String message, Throwable cause) {
    super(message, cause);
  }
}
