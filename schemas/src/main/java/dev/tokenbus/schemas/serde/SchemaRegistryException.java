package dev.tokenbus.schemas.serde;

/**
 * The schema registry is away, refuses a schema, or does not know one. The message says which and
 * what to do.
 */
public final class SchemaRegistryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  SchemaRegistryException(String message) {
    super(message);
  }

  SchemaRegistryException(String message, Throwable cause) {
    super(message, cause);
  }
}
