package dev.tokenbus.schemas.serde;

import org.jspecify.annotations.Nullable;

/**
 * The schema registry is away, refuses a schema, or does not know one. The message says which and
 * what to do.
 */
public final class SchemaRegistryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What the registry has said. */
  enum Answer {
    /** None, or none of its own. */
    NONE,
    /** That it does not know the schema, which may change. */
    NOT_FOUND,
    /** A schema in another language than Avro, which never changes. */
    NOT_AVRO
  }

  private final Answer answer;

  SchemaRegistryException(String message) {
    this(message, Answer.NONE, null);
  }

  SchemaRegistryException(String message, Throwable cause) {
    this(message, Answer.NONE, cause);
  }

  SchemaRegistryException(String message, Answer answer, @Nullable Throwable cause) {
    super(message, cause);
    this.answer = answer;
  }

  Answer answer() {
    return answer;
  }

  /**
   * Whether the registry has answered that it does not know what it was asked for. Of one that
   * {@link TopicSchemas} throws: has answered so for so long that asking again is of no use.
   */
  public boolean unknown() {
    return answer != Answer.NONE;
  }
}
