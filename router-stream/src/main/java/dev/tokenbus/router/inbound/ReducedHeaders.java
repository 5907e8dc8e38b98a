package dev.tokenbus.router.inbound;

import dev.tokenbus.schemas.avro.BodyKind;
import dev.tokenbus.schemas.avro.Priority;
import dev.tokenbus.schemas.avro.Protocol;
import dev.tokenbus.schemas.avro.RequestAccepted;
import dev.tokenbus.schemas.avro.RequestHeader;
import dev.tokenbus.schemas.serde.TopicSchemas;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the fields of a request that a newer version cannot have given another form: enough to end
 * it with its reason.
 */
final class ReducedHeaders {
  private static final List<String> FIELDS =
      List.of(
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
          "acceptedAt",
          "deadline",
          "modelAsked",
          "bodyKind",
          "lane",
          "parentRequestId",
          "runId",
          "door");

  private final Deserializer<GenericRecord> records;

  ReducedHeaders(TopicSchemas schemas) {
    Schema schema = LegacyRequests.part(RequestAccepted.getClassSchema(), FIELDS);
    records = schemas.deserializer(schema);
  }

  /**
   * Reads what can be read.
   *
   * @param reason why the whole header cannot be read; thrown where not even this can
   */
  RequestHeader read(String topic, byte[] bytes, SerializationException reason) {
    GenericRecord record;
    try {
      record = records.deserialize(topic, bytes);
    } catch (SerializationException e) {
      reason.addSuppressed(e);
      throw reason;
    }
    return RequestHeader.newBuilder()
        .setRequestId(text(record, "requestId"))
        .setTenant(text(record, "tenant"))
        .setKeyId(text(record, "keyId"))
        .setTeam(optional(record, "team"))
        .setUser(optional(record, "user"))
        .setAgent(optional(record, "agent"))
        .setSession(optional(record, "session"))
        .setProtocol(word(record, "protocol", Protocol::valueOf))
        .setPriority(word(record, "priority", Priority::valueOf))
        .setMode(optional(record, "mode"))
        .setAcceptedAt(instant(record, "acceptedAt"))
        .setDeadline(instant(record, "deadline"))
        .setModelAsked(text(record, "modelAsked"))
        .setBodyKind(word(record, "bodyKind", BodyKind::valueOf))
        .setLane(optional(record, "lane"))
        .setParentRequestId(optional(record, "parentRequestId"))
        .setRunId(optional(record, "runId"))
        .setDoor(text(record, "door"))
        .build();
  }

  private static String text(GenericRecord record, String field) {
    return String.valueOf(record.get(field));
  }

  private static @Nullable String optional(GenericRecord record, String field) {
    Object value = record.get(field);
    return value == null ? null : value.toString();
  }

  private static <T> T word(GenericRecord record, String field, Function<String, T> values) {
    return values.apply(text(record, field));
  }

  private static Instant instant(GenericRecord record, String field) {
    return switch (record.get(field)) {
      case Long millis -> Instant.ofEpochMilli(millis);
      case Instant instant -> instant;
      case null, default ->
          throw new SerializationException("A request without a time in field " + field);
    };
  }
}
