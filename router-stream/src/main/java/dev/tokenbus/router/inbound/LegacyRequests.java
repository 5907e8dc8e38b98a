package dev.tokenbus.router.inbound;

import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.RequestAccepted;
import dev.tokenbus.schemas.serde.TopicSchemas;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;

/**
 * Reads what 0.1.0 keeps in the body alone: the model, and whether a stream is wanted. The rest of
 * the body is skipped, not built.
 */
final class LegacyRequests {
  /** What a body tells. */
  record Chat(String model, boolean stream, boolean includeUsage) {}

  private final Deserializer<GenericRecord> bodies;

  LegacyRequests(TopicSchemas schemas) {
    bodies = schemas.deserializer(schema());
  }

  Chat read(String topic, byte[] bytes) {
    GenericRecord record = bodies.deserialize(topic, bytes);
    if (!(record.get("body") instanceof GenericRecord body)) {
      throw new SerializationException("A request names no model and has no body");
    }
    return new Chat(
        String.valueOf(body.get("model")),
        Boolean.TRUE.equals(body.get("stream")),
        Boolean.TRUE.equals(body.get("includeUsage")));
  }

  private static Schema schema() {
    Schema chat = part(ChatRequest.getClassSchema(), List.of("model", "stream", "includeUsage"));
    Schema request =
        Schema.createRecord(
            RequestAccepted.getClassSchema().getName(),
            null,
            RequestAccepted.getClassSchema().getNamespace(),
            false);
    request.setFields(
        List.of(
            new Schema.Field(
                "body", Schema.createUnion(chat, Schema.create(Schema.Type.NULL)), null, null)));
    return request;
  }

  /** The record with some of its fields. */
  static Schema part(Schema whole, List<String> fields) {
    Schema part = Schema.createRecord(whole.getName(), null, whole.getNamespace(), false);
    part.setFields(
        fields.stream()
            .map(whole::getField)
            .map(field -> new Schema.Field(field, field.schema()))
            .toList());
    return part;
  }
}
