package dev.tokenbus.runtime.json;

import com.fasterxml.jackson.core.JsonToken;

/**
 * A JSON text that is well formed holds something else than what was expected. How that is said to
 * a client is its dialect's matter.
 */
public final class JsonValueException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What is wrong, and where. */
  public sealed interface Fault {
    JsonPath path();

    /** A member that must be there is not. */
    record Missing(JsonPath path) implements Fault {}

    /**
     * A value is of another type.
     *
     * @param expected in words with their article: {@code a string}
     */
    record WrongType(JsonPath path, String expected, JsonToken got) implements Fault {}

    /**
     * A number is less than it may be.
     *
     * @param kind {@code integer} or {@code decimal}
     * @param got as written, shortened
     */
    record Below(JsonPath path, String kind, String minimum, String got) implements Fault {}

    /** A number is more than it may be; as {@link Below}. */
    record Above(JsonPath path, String kind, String maximum, String got) implements Fault {}
  }

  @SuppressWarnings("serial") // never serialized
  private final Fault fault;

  JsonValueException(Fault fault) {
    super(fault.toString());
    this.fault = fault;
  }

  public Fault fault() {
    return fault;
  }
}
