package dev.tokenbus.schemas.serde;

import org.jspecify.annotations.Nullable;

/**
 * The schema registry is away, refuses a schema, or does not know one. The message says which and
 * what to do.
 */
public final class SchemaRegistryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final boolean unknown;

  SchemaRegistryException(String message) {
    this(message, false, null);
  }

  SchemaRegistryException(String message, Throwable cause) {
    this(message, false, cause);
  }

  SchemaRegistryException(String message, boolean unknown, @Nullable Throwable cause) {
    super(message, cause);
    this.unknown = unknown;
  }

  /**
   * Whether the registry has answered that it does not know what it was asked for, so that asking
   * again is of no use.
   */
  public boolean unknown() {
    return unknown;
  }
}
