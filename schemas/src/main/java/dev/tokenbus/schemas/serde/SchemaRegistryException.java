package dev.tokenbus.schemas.serde;

/**
 * The schema registry is away, refuses a schema, or does not know one. The message says which and
 * what to do.
 */
public final class SchemaRegistryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final boolean unknown;

  SchemaRegistryException(String message) {
    this(message, false);
  }

  SchemaRegistryException(String message, boolean unknown) {
    super(message);
    this.unknown = unknown;
  }

  SchemaRegistryException(String message, Throwable cause) {
    super(message, cause);
    unknown = false;
  }

  /** Whether the registry has answered that it does not know what it was asked for (HTTP 404). */
  public boolean unknown() {
    return unknown;
  }
}
