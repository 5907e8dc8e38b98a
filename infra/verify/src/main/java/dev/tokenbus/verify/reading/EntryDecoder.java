package dev.tokenbus.verify.reading;

import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Attached;
import dev.tokenbus.schemas.avro.AttemptEvent;
import dev.tokenbus.schemas.avro.AttemptEventHeader;
import dev.tokenbus.schemas.avro.Completed;
import dev.tokenbus.schemas.avro.Deltas;
import dev.tokenbus.schemas.avro.Failed;
import dev.tokenbus.schemas.avro.Rejected;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.ReplyHeader;
import dev.tokenbus.schemas.avro.RequestFinished;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.avro.UsageRecorded;
import dev.tokenbus.schemas.errors.ErrorCode;
import dev.tokenbus.schemas.serde.Decoded;
import dev.tokenbus.schemas.serde.RecordDecoder;
import dev.tokenbus.schemas.serde.SchemaRegistryException;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.Topics;
import dev.tokenbus.verify.ledger.Bill;
import dev.tokenbus.verify.ledger.BodyPosition;
import dev.tokenbus.verify.ledger.Entry;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.IndexedRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/** Decodes records into entries. Thread-safe. */
final class EntryDecoder {
  private static final Completed COMPLETED =
      Completed.newBuilder().setUsage(TokenUsage.newBuilder().build()).build();
  private static final Failed FAILED = Failed.newBuilder().setCode("").setMessage("").build();
  private static final Rejected REJECTED = new Rejected();
  private static final Attached ATTACHED = new Attached();
  private static final Deltas NOT_THE_END = new Deltas(List.of());

  private final ProjectedOffsets projected;
  private final RegistryPatience registry;
  private final RecordDecoder<GenericRecord> accepted;
  private final RecordDecoder<GenericRecord> reply;
  private final RecordDecoder<AttemptEvent> attempt;
  private final RecordDecoder<RequestFinished> outcome;
  private final RecordDecoder<UsageRecorded> usage;

  EntryDecoder(TopicSchemas schemas, ProjectedOffsets projected) {
    this.projected = projected;
    registry = new RegistryPatience();
    accepted = schemas.decoder(ReducedSchemas.ACCEPTED).withHeader(ReducedSchemas.ACCEPTED_HEADER);
    reply = schemas.decoder(ReducedSchemas.REPLY).withHeader(ReplyHeader.class);
    attempt = schemas.decoder(AttemptEvent.class).withHeader(AttemptEventHeader.class);
    outcome = schemas.decoder(RequestFinished.class);
    usage = schemas.decoder(UsageRecorded.class);
  }

  ReadRecord accepted(ConsumerRecord<byte[], byte[]> record) {
    return read(
        accepted,
        record,
        value -> accepted(value, bodyOf(value), record),
        header -> accepted((GenericRecord) header, Optional.empty(), record));
  }

  private Entry accepted(
      GenericRecord value, Optional<BodyPosition> body, ConsumerRecord<byte[], byte[]> record) {
    return new Entry.Accepted(
        id(value.get("requestId")),
        Instant.ofEpochMilli((Long) value.get("deadline")),
        isProjected(record),
        body);
  }

  /** The body's own bytes are not read: its key and position are enough. */
  ReadRecord body(ConsumerRecord<byte[], byte[]> record) {
    return ReadRecord.of(
        new Entry.BodyWritten(
            id(new String(record.key(), StandardCharsets.UTF_8)),
            new BodyPosition(record.partition(), record.offset())));
  }

  ReadRecord attempt(ConsumerRecord<byte[], byte[]> record) {
    return read(
        attempt,
        record,
        value -> new Entry.Attempted(id(value.getRequestId()), value.getAttempt()),
        header ->
            new Entry.Attempted(
                id(((AttemptEventHeader) header).getRequestId()),
                ((AttemptEventHeader) header).getAttempt()));
  }

  ReadRecord reply(ConsumerRecord<byte[], byte[]> record) {
    return read(
        reply,
        record,
        EntryDecoder::replied,
        header ->
            new Entry.RepliedUnreadably(
                id(((ReplyHeader) header).getRequestId()), (ReplyHeader) header));
  }

  private static Entry replied(GenericRecord value) {
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

  ReadRecord outcome(ConsumerRecord<byte[], byte[]> record) {
    return read(
        outcome,
        record,
        value ->
            new Entry.Finished(
                id(value.getRequestId()),
                Bill.of(value),
                value.getFinishedAt(),
                isProjected(record),
                ErrorCode.IDEMPOTENT_REPEAT.wireName().equals(value.getErrorCode())));
  }

  ReadRecord usage(ConsumerRecord<byte[], byte[]> record) {
    return read(
        usage,
        record,
        value -> new Entry.Billed(id(value.getId()), Bill.of(value), isProjected(record)));
  }

  private boolean isProjected(ConsumerRecord<byte[], byte[]> record) {
    return projected.includes(
        new TopicPartition(record.topic(), record.partition()), record.offset());
  }

  private <T> ReadRecord read(
      RecordDecoder<T> decoder, ConsumerRecord<byte[], byte[]> record, Function<T, Entry> entry) {
    return read(decoder, record, entry, null);
  }

  private <T> ReadRecord read(
      RecordDecoder<T> decoder,
      ConsumerRecord<byte[], byte[]> record,
      Function<T, Entry> entry,
      @Nullable Function<IndexedRecord, Entry> ofHeader) {
    if (record.value() == null) {
      return ReadRecord.unreadable(Optional.empty(), "A record without a value");
    }
    return switch (registry.await(() -> decoder.decode(record.topic(), record.value()))) {
      case Decoded.Value<T>(T value) -> ReadRecord.of(entry.apply(value));
      case Decoded.Undecodable<T>(SerializationException reason, IndexedRecord header) ->
          ReadRecord.unreadable(
              header == null || ofHeader == null
                  ? Optional.empty()
                  : Optional.of(ofHeader.apply(header)),
              String.valueOf(reason.getMessage()));
      case Decoded.RegistryDown<T>(SchemaRegistryException cause) ->
          throw new IllegalStateException("The schema registry does not answer", cause);
    };
  }

  private static Optional<BodyPosition> bodyOf(GenericRecord accepted) {
    if (!(accepted.get("content") instanceof GenericRecord content)
        || !content.getSchema().getName().equals("BodyReference")) {
      return Optional.empty();
    }
    GenericRecord at = (GenericRecord) content.get("at");
    return at.get("topic").toString().equals(Topics.BODIES.name())
        ? Optional.of(new BodyPosition((Integer) at.get("partition"), (Long) at.get("offset")))
        : Optional.empty();
  }

  private static RequestId id(Object text) {
    return RequestId.parse(text.toString());
  }
}
