package dev.tokenbus.runtime.replies;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbus.embedded.EmbeddedBroker;
import dev.tokenbus.embedded.junit.SharedServers;
import dev.tokenbus.embedded.registry.InMemoryRegistry;
import dev.tokenbus.runtime.config.Addresses;
import dev.tokenbus.runtime.kafka.KafkaSettings;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Checkpoint;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.Deltas;
import dev.tokenbus.schemas.avro.Opened;
import dev.tokenbus.schemas.avro.Protocol;
import dev.tokenbus.schemas.avro.Rendering;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.ReplyHeader;
import dev.tokenbus.schemas.avro.TextDelta;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.serde.SchemaRegistry;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.TopicProvisioner;
import dev.tokenbus.schemas.topics.Topics;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.random.RandomGenerator;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedServers.class)
class ReplyReaderIT {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final StreamOwner OWNER = new StreamOwner(7);

  private final Instant now = Instant.now();
  private final Instant accepted = now.minus(Duration.ofHours(1));
  private final RequestId id;
  private final SchemaRegistry registry;
  private final TopicSchemas schemas;
  private final ReplyReader reader;
  private final KafkaProducer<String, byte[]> worker;
  private int sequence;

  ReplyReaderIT(EmbeddedBroker broker, InMemoryRegistry server) {
    id = RequestId.of(accepted, 3, RandomGenerator.getDefault());
    KafkaSettings kafka =
        new KafkaSettings(Addresses.of(Map.of(Addresses.KAFKA, broker.bootstrapServers())));
    try (Admin admin = Admin.create(kafka.common())) {
      new TopicProvisioner(admin).provision(List.of(Topics.REPLIES));
    }
    registry = new SchemaRegistry(URI.create(server.url()));
    schemas = new TopicSchemas(registry).resolve(List.of(Topics.REPLIES));
    reader = ReplyReader.start(kafka, schemas, "test", 2, Duration.ofMillis(5));
    worker =
        new KafkaProducer<>(
            kafka.producer("worker", Duration.ZERO, Duration.ofSeconds(10)),
            new StringSerializer(),
            new ByteArraySerializer());
  }

  @AfterEach
  void close() {
    reader.close();
    worker.close();
    registry.close();
  }

  @Test
  void beginsWithTheLastCheckpointOfTheOwner() {
    write(3_500, text("long ago"));
    write(9, checkpoint(List.of()));
    write(8, text("before"));
    long last = write(4, checkpoint(List.of()));
    long behind = write(3, text("behind"));
    long end = write(1, text("at the fence"));

    ReplyHistory history = history(Optional.of(OWNER), end);

    assertThat(history.checkpoint().orElseThrow().offset()).isEqualTo(last);
    assertThat(history.records()).extracting(LoggedReply::offset).containsExactly(behind);
  }

  @Test
  void looksFartherBackForAStreamThatWasSilent() {
    write(3_500, text("long ago"));
    long last = write(900, checkpoint(List.of()));
    long first = write(800, text("once"));
    long second = write(100, text("and once more"));
    long third = write(2, text("now"));

    ReplyHistory history = history(Optional.of(OWNER), third + 1);

    assertThat(history.checkpoint().orElseThrow().offset()).isEqualTo(last);
    assertThat(history.records())
        .extracting(LoggedReply::offset)
        .containsExactly(first, second, third);
  }

  @Test
  void trustsNoCheckpointOfAnotherRun() {
    long opened = write(3_599, opened());
    long foreign = write(5, reply(1, 8, checkpoint(List.of())));
    long text = write(2, text("all"));

    ReplyHistory history = history(Optional.of(OWNER), text + 1);

    assertThat(history.checkpoint()).isEmpty();
    assertThat(history.records())
        .extracting(LoggedReply::offset)
        .containsExactly(opened, foreign, text);
  }

  @Test
  void trustsNoCheckpointBehindTheFenceOfALaterAttempt() {
    long last = write(9, checkpoint(List.of()));
    long fence = write(6, reply(2, 8, opened()));
    long fencedOff = write(4, checkpoint(List.of()));

    ReplyHistory history = history(Optional.of(OWNER), fencedOff + 1);

    assertThat(history.checkpoint().orElseThrow().offset()).isEqualTo(last);
    assertThat(history.records()).extracting(LoggedReply::offset).containsExactly(fence, fencedOff);
  }

  @Test
  void beginsWithThePredecessorsCheckpointWhereTheOwnerDiedBeforeItsFirst() {
    write(3_500, reply(1, 8, text("long ago")));
    long last = write(100, reply(1, 8, checkpoint(List.of())));
    long behind = write(90, reply(1, 8, text("behind")));
    sequence = 0;
    long fence = write(2, reply(2, 7, opened()));
    long text = write(1, reply(2, 7, text("and on")));

    ReplyHistory history = history(Optional.of(OWNER), text + 1);

    assertThat(history.checkpoint().orElseThrow().offset()).isEqualTo(last);
    assertThat(history.records())
        .extracting(LoggedReply::offset)
        .containsExactly(behind, fence, text);
  }

  @Test
  void trustsNoPredecessorsCheckpointBehindTheOwnersFence() {
    sequence = 0;
    long fence = write(3_599, reply(2, 7, opened()));
    long fencedOff = write(5, reply(1, 8, checkpoint(List.of())));
    long text = write(2, reply(2, 7, text("all")));

    ReplyHistory history = history(Optional.of(OWNER), text + 1);

    assertThat(history.checkpoint()).isEmpty();
    assertThat(history.records())
        .extracting(LoggedReply::offset)
        .containsExactly(fence, fencedOff, text);
  }

  @Test
  void readsFromTheFirstRecordWhereNoOwnerIsKnown() {
    long opened = write(3_600, opened());
    long checkpoint = write(5, checkpoint(List.of()));

    ReplyHistory history = history(Optional.empty(), checkpoint + 1);

    assertThat(history.checkpoint()).isEmpty();
    assertThat(history.records())
        .extracting(LoggedReply::offset)
        .containsExactly(opened, checkpoint);
  }

  @Test
  void neverReadsBeforeTheOffsetThatIsKnown() {
    write(3_600, opened());
    long known = write(3_500, text("known"));
    long end = write(3_400, text("end"));

    ReplyHistory history =
        reader
            .history(
                new ReplyQuery(id, Optional.of(OWNER), end + 1, now, OptionalLong.of(known), LIMIT))
            .join();

    assertThat(history.records()).extracting(LoggedReply::offset).containsExactly(known, end);
  }

  @Test
  void keepsTheHeaderOfAReplyThatOnlyANewerVersionCanRead() {
    long unreadable = write(3, newer());
    long garbage = write(2, new byte[] {9});

    ReplyHistory history = history(Optional.of(OWNER), garbage + 1);

    assertThat(history.records()).extracting(LoggedReply::offset).contains(unreadable, garbage);
    LoggedReply.Unreadable first = (LoggedReply.Unreadable) history.records().get(0);
    ReplyHeader header = first.header().orElseThrow();
    assertThat(header.getAttempt()).isEqualTo(1);
    assertThat(header.getClaim()).isEqualTo(7);
    assertThat(header.getSequence()).isEqualTo(41);
    LoggedReply.Unreadable second = (LoggedReply.Unreadable) history.records().get(1);
    assertThat(second.header()).isEmpty();
  }

  @Test
  void joinsTheOutputOfAllCheckpoints() {
    long first = write(20, checkpoint(List.of(), "one ", "two "));
    long second = write(15, checkpoint(List.of(first), "three "));
    Checkpoint third = checkpoint(List.of(first, second), "four");

    List<Delta> output = reader.output(id, third, LIMIT).join();

    assertThat(output)
        .extracting(delta -> ((TextDelta) delta.getContent()).getText())
        .containsExactly("one ", "two ", "three ", "four");
  }

  @Test
  void doesNotPassOffALogWithHolesAsWhole() {
    long foreign = write(20, text("not a checkpoint"));

    assertThatThrownBy(() -> reader.output(id, checkpoint(List.of(foreign), "x"), LIMIT).join())
        .hasRootCauseInstanceOf(IllegalStateException.class)
        .hasMessageContaining("offset " + foreign);
  }

  private ReplyHistory history(Optional<StreamOwner> owner, long end) {
    return reader.history(new ReplyQuery(id, owner, end, now, OptionalLong.empty(), LIMIT)).join();
  }

  private static Deltas text(String text) {
    return new Deltas(List.of(delta(text)));
  }

  private static Delta delta(String text) {
    return Delta.newBuilder().setContent(new TextDelta(text)).build();
  }

  private static Opened opened() {
    return Opened.newBuilder()
        .setProvider("p")
        .setModel("m")
        .setWorkerId("w")
        .setWorkerEpoch(1)
        .build();
  }

  private Checkpoint checkpoint(List<Long> previous, String... output) {
    return Checkpoint.newBuilder()
        .setRendering(
            Rendering.newBuilder()
                .setTenant("acme")
                .setKeyId("main")
                .setProtocol(Protocol.OPENAI_CHAT)
                .setModelAsked("m")
                .setAcceptedAt(accepted)
                .setStream(true)
                .setIncludeUsage(false)
                .build())
        .setOpened(opened())
        .setChoices(List.of())
        .setOutput(java.util.Arrays.stream(output).map(ReplyReaderIT::delta).toList())
        .setPrevious(previous)
        .setUsageSoFar(TokenUsage.newBuilder().build())
        .build();
  }

  private Reply reply(int attempt, long claim, Object event) {
    return new Reply(id.toString(), attempt, claim, sequence++, now, event);
  }

  private long write(int secondsAgo, Object event) {
    return write(secondsAgo, reply(1, 7, event));
  }

  private long write(int secondsAgo, Reply reply) {
    return write(secondsAgo, schemas.<Reply>serializer().serialize(Topics.REPLIES.name(), reply));
  }

  private long write(int secondsAgo, byte[] value) {
    try {
      return worker
          .send(
              new ProducerRecord<>(
                  Topics.REPLIES.name(),
                  id.replyPartition(),
                  now.minusSeconds(secondsAgo).toEpochMilli(),
                  id.toString(),
                  value))
          .get()
          .offset();
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A reply with an event that this version does not know. */
  private byte[] newer() {
    Schema schema =
        new Schema.Parser()
            .parse(
                "{\"type\":\"record\",\"name\":\"Reply\",\"namespace\":\"dev.tokenbus.schemas.avro\","
                    + "\"fields\":[{\"name\":\"requestId\",\"type\":\"string\"},"
                    + "{\"name\":\"attempt\",\"type\":\"int\"},{\"name\":\"claim\",\"type\":\"long\"},"
                    + "{\"name\":\"sequence\",\"type\":\"int\"},{\"name\":\"at\",\"type\":{"
                    + "\"type\":\"long\",\"logicalType\":\"timestamp-millis\"}},{\"name\":\"event\","
                    + "\"type\":[{\"type\":\"record\",\"name\":\"Sung\",\"fields\":[]}]}]}");
    int schemaId = registry.register("newer-value", schema);
    GenericRecord record = new GenericData.Record(schema);
    record.put("requestId", id.toString());
    record.put("attempt", 1);
    record.put("claim", 7L);
    record.put("sequence", 41);
    record.put("at", now.toEpochMilli());
    record.put(
        "event", new GenericData.Record(schema.getField("event").schema().getTypes().getFirst()));
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      out.write(ByteBuffer.allocate(5).put((byte) 0).putInt(schemaId).array());
      BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
      new GenericDatumWriter<GenericRecord>(schema).write(record, encoder);
      return out.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
