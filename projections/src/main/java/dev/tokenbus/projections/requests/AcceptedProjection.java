package dev.tokenbus.projections.requests;

import dev.tokenbus.projections.feed.Projection;
import dev.tokenbus.projections.store.Column;
import dev.tokenbus.projections.store.RowStatement;
import dev.tokenbus.schemas.avro.RequestAccepted;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/**
 * Topic {@code requests} to table {@code requests}: who asked for what, and until when. If the
 * request's end was read before, only the columns that the end does not know are filled.
 */
public final class AcceptedProjection {
  private static final String BODY = "body";

  /** The fields that a row takes from a body of up to 12 MB. */
  private static final Set<String> BODY_FIELDS = Set.of("model", "stream");

  private AcceptedProjection() {}

  /** Reads with the given schemas. */
  public static Projection<GenericRecord> projection(TopicSchemas schemas) {
    return new Projection<>(
        "acceptances",
        Topics.REQUESTS,
        schemas.deserializer(headerSchema()),
        accepted -> text(accepted, "requestId"),
        statement());
  }

  /** Inserts the row, or adds what the request's end does not know. */
  public static RowStatement<GenericRecord> statement() {
    return new RowStatement<>(
        "requests",
        List.of(
            Column.requestId(),
            Column.acceptedAt(),
            Column.text("status", accepted -> "in_flight"),
            textField("tenant", "tenant"),
            textField("team", "team"),
            textField("user_id", "user"),
            textField("key_id", "keyId"),
            textField("agent", "agent"),
            textField("session", "session"),
            wordField("protocol", "protocol"),
            wordField("priority", "priority"),
            textField("mode", "mode"),
            Column.text("model_asked", accepted -> text(bodyOf(accepted), "model")),
            Column.plain("stream", accepted -> field(bodyOf(accepted), "stream")),
            wordField("client_gone", "clientGone"),
            textField("idempotency_key", "idempotencyKey"),
            textField("traceparent", "traceparent"),
            Column.instant("deadline", AcceptedProjection::deadlineOf)),
        """
        DO UPDATE SET
          stream = excluded.stream, client_gone = excluded.client_gone,
          idempotency_key = excluded.idempotency_key, traceparent = excluded.traceparent,
          deadline = excluded.deadline
        WHERE requests.deadline IS NULL\
        """);
  }

  /**
   * The contract's schema with bodies reduced to {@link #BODY_FIELDS}. It is derived, so that it
   * follows when the contract gets another kind of body.
   */
  static Schema headerSchema() {
    return reduced(
        RequestAccepted.getClassSchema(),
        field -> field.name().equals(BODY) ? reducedBody(field.schema()) : field.schema());
  }

  private static Schema reducedBody(Schema body) {
    return Schema.createUnion(
        body.getTypes().stream()
            .map(kind ->
                reduced(kind, field -> BODY_FIELDS.contains(field.name()) ? field.schema() : null))
            .toList());
  }

  private static Schema reduced(Schema record, Function<Schema.Field, @Nullable Schema> schemaOf) {
    List<Schema.Field> fields =
        record.getFields().stream()
            .flatMap(field -> {
              Schema schema = schemaOf.apply(field);
              return schema == null
                  ? Stream.empty()
                  : Stream.of(
                      new Schema.Field(field.name(), schema, field.doc(), field.defaultVal()));
            })
            .toList();
    return Schema.createRecord(
        record.getName(), record.getDoc(), record.getNamespace(), false, fields);
  }

  private static Column<GenericRecord> textField(String column, String field) {
    return Column.text(column, accepted -> text(accepted, field));
  }

  private static Column<GenericRecord> wordField(String column, String field) {
    return Column.text(
        column,
        accepted -> {
          String word = text(accepted, field);
          return word == null ? null : word.toLowerCase(Locale.ROOT);
        });
  }

  private static Instant deadlineOf(GenericRecord accepted) {
    return Instant.ofEpochMilli((Long) accepted.get("deadline"));
  }

  private static GenericRecord bodyOf(GenericRecord accepted) {
    return (GenericRecord) accepted.get(BODY);
  }

  private static @Nullable Object field(GenericRecord record, String name) {
    return record.hasField(name) ? record.get(name) : null;
  }

  private static @Nullable String text(GenericRecord record, String name) {
    Object value = field(record, name);
    return value == null ? null : value.toString();
  }
}
