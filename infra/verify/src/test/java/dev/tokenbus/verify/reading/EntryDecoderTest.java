package dev.tokenbus.verify.reading;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.embedded.registry.InMemoryRegistry;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.RequestAccepted;
import dev.tokenbus.schemas.serde.SchemaRegistry;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.verify.ledger.BodyPosition;
import dev.tokenbus.verify.ledger.Entry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.util.RandomData;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What verification makes of records that this version wrote, and of a newer version's. */
class EntryDecoderTest {
  private static final Instant AT = Instant.parse("2026-11-28T08:00:00Z");
  private static final RequestId ID = RequestId.of(AT, 3, new Random(1));
  private static final String FUTURE =
      "{\"type\":\"record\",\"name\":\"Future\",\"fields\":[{\"name\":\"text\",\"type\":\"string\"}]}";

  private final InMemoryRegistry server = InMemoryRegistry.start();
  private final SchemaRegistry registry = new SchemaRegistry(URI.create(server.url()));
  private final EntryDecoder decoder =
      new EntryDecoder(new TopicSchemas(registry), ProjectedOffsets.NOTHING);

  @AfterEach
  void stop() {
    registry.close();
    server.close();
  }

  @Test
  void seesWhereABodyStandsThatIsReferredTo() throws IOException {
    Schema schema = RequestAccepted.getClassSchema();
    Schema reference = branch(schema, "content", "BodyReference");
    GenericRecord at = new GenericData.Record(reference.getField("at").schema());
    at.put("topic", "bodies");
    at.put("partition", 2);
    at.put("offset", 41L);
    GenericRecord content = new GenericData.Record(reference);
    content.put("at", at);
    content.put("size", 9_900_000L);

    ReadRecord read = decoder.accepted(record("requests", schema, accepted(schema, content)));

    assertThat(read.problem()).isEmpty();
    assertThat(read.entry())
        .contains(
            new Entry.Accepted(
                ID, AT.plusSeconds(60), false, Optional.of(new BodyPosition(2, 41))));
    assertThat(decoder.body(new ConsumerRecord<>("bodies", 2, 41, key(), new byte[] {1})).entry())
        .contains(new Entry.BodyWritten(ID, new BodyPosition(2, 41)));
  }

  @Test
  void seesTheRequestOfANewerVersionWhoseBodyStandsElsewhere() throws IOException {
    Schema newer = withBranch(RequestAccepted.getClassSchema(), "InlineBody");
    GenericRecord content = new GenericData.Record(branch(newer, "content", "Future"));
    content.put("text", "in the object store");

    ReadRecord read = decoder.accepted(record("requests", newer, accepted(newer, content)));

    assertThat(read.problem()).isPresent();
    assertThat(read.entry())
        .contains(new Entry.Accepted(ID, AT.plusSeconds(60), false, Optional.empty()));
  }

  @Test
  void tellsAReplyOfANewerVersionFromAGap() throws IOException {
    Schema newer = withBranch(Reply.getClassSchema(), "Admitted");
    GenericRecord event = new GenericData.Record(branch(newer, "event", "Future"));
    event.put("text", "?");

    ReadRecord read = decoder.reply(record("replies", newer, reply(newer, event)));

    assertThat(read.problem()).hasValueSatisfying(why -> assertThat(why).contains("replies"));
    assertThat(read.entry())
        .hasValueSatisfying(entry ->
            assertThat(entry)
                .isInstanceOfSatisfying(
                    Entry.RepliedUnreadably.class,
                    unreadable -> {
                      assertThat(unreadable.id()).isEqualTo(ID);
                      assertThat(unreadable.header().getSequence()).isEqualTo(4);
                    }));
  }

  @Test
  void takesACheckpointForAnOrdinaryReply() throws IOException {
    Schema schema = Reply.getClassSchema();
    GenericRecord checkpoint =
        (GenericRecord) new RandomData(branch(schema, "event", "Checkpoint"), 1).iterator().next();

    ReadRecord read = decoder.reply(record("replies", schema, reply(schema, checkpoint)));

    assertThat(read.problem()).isEmpty();
    assertThat(read.entry())
        .hasValueSatisfying(entry -> assertThat(entry).isInstanceOf(Entry.Replied.class));
  }

  @Test
  void saysWhatIsWrongWithBytesThatAreNoRecord() {
    ReadRecord read =
        decoder.outcome(
            new ConsumerRecord<>(
                "outcomes", 0, 7, key(), "garbage".getBytes(StandardCharsets.UTF_8)));

    assertThat(read.entry()).isEmpty();
    assertThat(read.problem()).hasValueSatisfying(why -> assertThat(why).contains("outcomes"));
  }

  private static byte[] key() {
    return ID.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static GenericRecord accepted(Schema schema, GenericRecord content) {
    GenericRecordBuilder builder = new GenericRecordBuilder(schema);
    builder.set("requestId", ID.toString());
    builder.set("tenant", "acme");
    builder.set("keyId", "web");
    builder.set(
        "protocol",
        new GenericData.EnumSymbol(schema.getField("protocol").schema(), "OPENAI_CHAT"));
    builder.set("acceptedAt", AT.toEpochMilli());
    builder.set("deadline", AT.plusSeconds(60).toEpochMilli());
    builder.set("body", null);
    builder.set("content", content);
    return builder.build();
  }

  private static GenericRecord reply(Schema schema, GenericRecord event) {
    GenericRecord reply = new GenericData.Record(schema);
    reply.put("requestId", ID.toString());
    reply.put("attempt", 1);
    reply.put("claim", 11L);
    reply.put("sequence", 4);
    reply.put("at", AT.toEpochMilli());
    reply.put("event", event);
    return reply;
  }

  private static Schema branch(Schema record, String field, String name) {
    return record.getField(field).schema().getTypes().stream()
        .filter(type -> type.getName().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** The schema with one more branch before the one of this name. */
  private static Schema withBranch(Schema schema, String before) {
    String marker = "{\"type\":\"record\",\"name\":\"" + before + "\"";
    String text = schema.toString();
    assertThat(text).contains(marker);
    return new Schema.Parser().parse(text.replace(marker, FUTURE + "," + marker));
  }

  private ConsumerRecord<byte[], byte[]> record(String topic, Schema schema, GenericRecord value)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(0);
    bytes.write(
        ByteBuffer.allocate(Integer.BYTES)
            .putInt(registry.register(topic + "-value", schema))
            .array());
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
    new GenericDatumWriter<GenericRecord>(schema).write(value, encoder);
    encoder.flush();
    return new ConsumerRecord<>(topic, 0, 7, key(), bytes.toByteArray());
  }
}
