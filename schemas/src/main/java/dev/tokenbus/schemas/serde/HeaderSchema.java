package dev.tokenbus.schemas.serde;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.avro.Schema;

/**
 * Reader schemas that leave fields out, so that a record can be read in part where a newer writer
 * has put something unknown into one of them.
 */
public final class HeaderSchema {
  private HeaderSchema() {}

  /**
   * The record's schema without some of its fields.
   *
   * @throws IllegalArgumentException if the record has no such field
   */
  public static Schema without(Schema schema, String... fields) {
    Set<String> left = Set.of(fields);
    List<String> known = schema.getFields().stream().map(Schema.Field::name).toList();
    if (!known.containsAll(left)) {
      throw new IllegalArgumentException(schema.getName() + " has no fields " + left);
    }
    return Schema.createRecord(
        schema.getName(),
        schema.getDoc(),
        schema.getNamespace(),
        false,
        schema.getFields().stream()
            .filter(field -> !left.contains(field.name()))
            .map(field -> new Schema.Field(field, field.schema()))
            .collect(Collectors.toList()));
  }
}
