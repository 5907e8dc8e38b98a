package dev.tokenbus.projections.requests;

import dev.tokenbus.schemas.avro.RequestAccepted;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/**
 * What a row takes from a record of topic {@code requests}.
 *
 * @param fields a record of {@link #SCHEMA}
 */
record AcceptedHeader(GenericRecord fields) {
  private static final String BODY = "body";
  private static final String FEATURES = "features";

  /** All that is read; a newer writer may put anything into the others. */
  private static final Set<String> FIELDS =
      Set.of(
          "requestId",
          "tenant",
          "keyId",
          "team",
          "user",
          "agent",
          "session",
          "protocol",
          "priority",
          "mode",
          "deadline",
          "clientGone",
          "idempotencyKey",
          "traceparent",
          "modelAsked",
          "bodyKind",
          "lane",
          "parentRequestId",
          "runId",
          "tags",
          "path",
          "door",
          BODY,
          FEATURES);

  /** What 0.1.0 said only in a body of up to 12 MB. */
  private static final Set<String> BODY_FIELDS = Set.of("model", "stream");

  private static final Set<String> FEATURES_FIELDS = Set.of("stream");

  /**
   * The contract's schema without the fields that are not read. It is derived, so that it follows
   * the contract; Avro skips the rest of a record without keeping it.
   */
  static final Schema SCHEMA =
      reduced(
          RequestAccepted.getClassSchema(),
          FIELDS,
          Map.of(
              BODY,
              body ->
                  Schema.createUnion(body.getTypes().stream().map(AcceptedHeader::kind).toList()),
              FEATURES,
              features -> reduced(features, FEATURES_FIELDS, Map.of())));

  static AcceptedHeader of(GenericRecord fields) {
    return new AcceptedHeader(fields);
  }

  String requestId() {
    return fields.get("requestId").toString();
  }

  Instant deadline() {
    return Instant.ofEpochMilli((Long) fields.get("deadline"));
  }

  /** Null for a body of 0.1.0 that names no model. */
  @Nullable String modelAsked() {
    String named = fields.get("modelAsked").toString();
    return named.isEmpty() ? bodyText("model") : named;
  }

  /** Null for a body of 0.1.0 that cannot say. */
  @Nullable Boolean stream() {
    GenericRecord body = body();
    GenericRecord source = body == null ? (GenericRecord) fields.get(FEATURES) : body;
    return source.hasField("stream") ? (Boolean) source.get("stream") : null;
  }

  Map<String, String> tags() {
    Map<String, String> tags = new TreeMap<>();
    ((Map<?, ?>) fields.get("tags"))
        .forEach((name, value) -> tags.put(name.toString(), value.toString()));
    return tags;
  }

  @Nullable String text(String field) {
    Object value = fields.get(field);
    return value == null ? null : value.toString();
  }

  /** An enum's word in lower case. */
  @Nullable String word(String field) {
    String word = text(field);
    return word == null ? null : word.toLowerCase(Locale.ROOT);
  }

  private @Nullable GenericRecord body() {
    return (GenericRecord) fields.get(BODY);
  }

  private @Nullable String bodyText(String field) {
    GenericRecord body = body();
    Object value = body == null || !body.hasField(field) ? null : body.get(field);
    return value == null ? null : value.toString();
  }

  private static Schema kind(Schema branch) {
    return branch.getType() == Schema.Type.RECORD ? reduced(branch, BODY_FIELDS, Map.of()) : branch;
  }

  private static Schema reduced(
      Schema whole, Set<String> names, Map<String, UnaryOperator<Schema>> within) {
    List<Schema.Field> fields =
        whole.getFields().stream()
            .filter(field -> names.contains(field.name()))
            .map(field ->
                new Schema.Field(
                    field,
                    within
                        .getOrDefault(field.name(), UnaryOperator.identity())
                        .apply(field.schema())))
            .toList();
    return Schema.createRecord(
        whole.getName(), whole.getDoc(), whole.getNamespace(), false, fields);
  }
}
