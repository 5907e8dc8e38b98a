package dev.tokenbus.embedded.registry;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.SchemaValidationException;
import org.apache.avro.SchemaValidator;
import org.apache.avro.SchemaValidatorBuilder;

/**
 * What a new version of a subject must be able to do with the versions before it; names are
 * Confluent's.
 */
enum Compatibility {
  NONE,
  BACKWARD,
  BACKWARD_TRANSITIVE,
  FORWARD,
  FORWARD_TRANSITIVE,
  FULL,
  FULL_TRANSITIVE;

  static Optional<Compatibility> named(String name) {
    return Arrays.stream(values()).filter(level -> level.name().equals(name)).findFirst();
  }

  /** Whether {@code schema} may follow the {@code older} ones, of which the newest stands first. */
  boolean allows(Schema schema, List<Schema> older) {
    try {
      validator().validate(schema, older);
      return true;
    } catch (SchemaValidationException e) {
      return false;
    }
  }

  private SchemaValidator validator() {
    SchemaValidatorBuilder builder = new SchemaValidatorBuilder();
    return switch (this) {
      case NONE -> (schema, older) -> {};
      case BACKWARD -> builder.canReadStrategy().validateLatest();
      case BACKWARD_TRANSITIVE -> builder.canReadStrategy().validateAll();
      case FORWARD -> builder.canBeReadStrategy().validateLatest();
      case FORWARD_TRANSITIVE -> builder.canBeReadStrategy().validateAll();
      case FULL -> builder.mutualReadStrategy().validateLatest();
      case FULL_TRANSITIVE -> builder.mutualReadStrategy().validateAll();
    };
  }
}
