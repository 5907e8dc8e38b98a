package dev.tokenbus.verify.reading;

import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Attached;
import dev.tokenbus.schemas.avro.AttemptEvent;
import dev.tokenbus.schemas.avro.Completed;
import dev.tokenbus.schemas.avro.Deltas;
import dev.tokenbus.schemas.avro.Failed;
import dev.tokenbus.schemas.avro.Rejected;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.RequestFinished;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.avro.UsageRecorded;
import dev.tokenbus.schemas.errors.ErrorCode;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.verify.ledger.Bill;
import dev.tokenbus.verify.ledger.Entry;
import java.time.Instant;
import java.util.List;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;

/** Decodes records into entries. Thread-safe. */
final class EntryDecoder {
  private static final Completed COMPLETED =
      Completed.newBuilder().setUsage(TokenUsage.newBuilder().build()).build();
  private static final Failed FAILED = Failed.newBuilder().setCode("").setMessage("").build();
  private static final Rejected REJECTED = new Rejected();
  private static final Attached ATTACHED = new Attached();
  private static final Deltas NOT_THE_END = new Deltas(List.of());

  private final ProjectedOffsets projected;
  private final Deserializer<GenericRecord> accepted;
  private final Deserializer<GenericRecord> reply;
  private final Deserializer<AttemptEvent> attempt;
  private final Deserializer<RequestFinished> outcome;
  private final Deserializer<UsageRecorded> usage;

  EntryDecoder(TopicSchemas schemas, ProjectedOffsets projected) {
    this.projected = projected;
    accepted = schemas.deserializer(ReducedSchemas.ACCEPTED);
    reply = schemas.deserializer(ReducedSchemas.REPLY);
    attempt = schemas.deserializer(AttemptEvent.class);
    outcome = schemas.deserializer(RequestFinished.class);
    usage = schemas.deserializer(UsageRecorded.class);
  }

  Entry accepted(ConsumerRecord<byte[], byte[]> record) {
    GenericRecord value = read(accepted, record);
    return new Entry.Accepted(
        id(value.get("requestId")),
        Instant.ofEpochMilli((Long) value.get("deadline")),
        isProjected(record));
  }

  Entry attempt(ConsumerRecord<byte[], byte[]> record) {
    AttemptEvent value = read(attempt, record);
    return new Entry.Attempted(id(value.getRequestId()), value.getAttempt());
  }

  Entry reply(ConsumerRecord<byte[], byte[]> record) {
    GenericRecord value = read(reply, record);
    RequestId id = id(value.get("requestId"));
    String kind = ((GenericRecord) value.get("event")).getSchema().getName();
    return new Entry.Replied(
        id,
        new Reply(
            id.toString(),
            (Integer) value.get("attempt"),
            (Long) value.get("claim"),
            (Integer) value.get("sequence"),
            Instant.ofEpochMilli((Long) value.get("at")),
            // The fold only needs to know whether the event is an end, and which.
            switch (kind) {
              case "Completed" -> COMPLETED;
              case "Failed" -> FAILED;
              case "Rejected" -> REJECTED;
              case "Attached" -> ATTACHED;
              default -> NOT_THE_END;
            }));
  }

  Entry outcome(ConsumerRecord<byte[], byte[]> record) {
    RequestFinished value = read(outcome, record);
    return new Entry.Finished(
        id(value.getRequestId()),
        Bill.of(value),
        value.getFinishedAt(),
        isProjected(record),
        ErrorCode.IDEMPOTENT_REPEAT.wireName().equals(value.getErrorCode()));
  }

  Entry usage(ConsumerRecord<byte[], byte[]> record) {
    UsageRecorded value = read(usage, record);
    return new Entry.Billed(id(value.getId()), Bill.of(value), isProjected(record));
  }

  private boolean isProjected(ConsumerRecord<byte[], byte[]> record) {
    return projected.includes(
        new TopicPartition(record.topic(), record.partition()), record.offset());
  }

  private static <T> T read(Deserializer<T> deserializer, ConsumerRecord<byte[], byte[]> record) {
    if (record.value() == null) {
      throw new SerializationException("A record without a value");
    }
    return deserializer.deserialize(record.topic(), record.value());
  }

  private static RequestId id(Object text) {
    return RequestId.parse(text.toString());
  }
}
