package dev.tokenbus.verify.reading;

import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.RequestAccepted;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.avro.Schema;

/**
 * Reader's schemas without what is large: Avro skips bodies of requests and texts of answers
 * instead of decoding them.
 */
final class ReducedSchemas {
  /** Id, deadline, and where the body stands. */
  static final Schema ACCEPTED =
      reduced(
          RequestAccepted.getClassSchema(),
          Set.of("requestId", "deadline", "content")::contains,
          field ->
              field.name().equals("content") ? withoutInlineBytes(field.schema()) : field.schema());

  /** Id and deadline, for records whose body stands where this version does not know. */
  static final Schema ACCEPTED_HEADER =
      reduced(
          RequestAccepted.getClassSchema(),
          Set.of("requestId", "deadline")::contains,
          Schema.Field::schema);

  /** Everything but the fields of the event: only its kind. */
  static final Schema REPLY =
      reduced(
          Reply.getClassSchema(),
          _ -> true,
          field -> field.name().equals("event") ? withoutFields(field.schema()) : field.schema());

  private ReducedSchemas() {}

  private static Schema withoutInlineBytes(Schema union) {
    return Schema.createUnion(
        union.getTypes().stream()
            .map(branch ->
                branch.getName().equals("InlineBody")
                    ? reduced(branch, _ -> false, Schema.Field::schema)
                    : branch)
            .toList());
  }

  private static Schema withoutFields(Schema union) {
    return Schema.createUnion(
        union.getTypes().stream()
            .map(kind -> reduced(kind, _ -> false, Schema.Field::schema))
            .toList());
  }

  private static Schema reduced(
      Schema record, Predicate<String> kept, Function<Schema.Field, Schema> schemaOf) {
    List<Schema.Field> fields =
        record.getFields().stream()
            .filter(field -> kept.test(field.name()))
            .map(field ->
                new Schema.Field(
                    field.name(), schemaOf.apply(field), field.doc(), field.defaultVal()))
            .toList();
    return Schema.createRecord(
        record.getName(), record.getDoc(), record.getNamespace(), false, fields);
  }
}
