package dev.tokenbus.projections.requests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.embedded.registry.InMemoryRegistry;
import dev.tokenbus.projections.feed.Projection;
import dev.tokenbus.projections.fixture.Samples;
import dev.tokenbus.projections.store.Sourced;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.BodyKind;
import dev.tokenbus.schemas.avro.BodyReference;
import dev.tokenbus.schemas.avro.ClientGone;
import dev.tokenbus.schemas.avro.LogReference;
import dev.tokenbus.schemas.avro.RequestAccepted;
import dev.tokenbus.schemas.avro.RequestFeatures;
import dev.tokenbus.schemas.serde.Decoded;
import dev.tokenbus.schemas.serde.SchemaRegistry;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.Topics;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AcceptedProjectionTest {
  private static final RequestId ID = Samples.id(Instant.parse("2026-11-21T10:00:00.123Z"));

  private InMemoryRegistry server;
  private SchemaRegistry registry;
  private Projection<RequestId, GenericRecord> projection;
  private TopicSchemas schemas;

  @BeforeEach
  void startRegistry() {
    server = InMemoryRegistry.start();
    registry = new SchemaRegistry(URI.create(server.url()));
    schemas = new TopicSchemas(registry).resolve(List.of(Topics.REQUESTS));
    projection = AcceptedProjection.projection(schemas);
  }

  @AfterEach
  void stopRegistry() {
    registry.close();
    server.close();
  }

  @Test
  void readsTheHeaderOfARequest() {
    RequestAccepted accepted =
        Samples.accepted(ID, "acme")
            .setClientGone(ClientGone.CANCEL)
            .setTraceparent("00-1-2-01")
            .build();

    Map<String, @Nullable Object> row = rowOf(read(accepted));

    assertThat(row)
        .containsEntry("request_id", ID.value())
        .containsEntry("status", "in_flight")
        .containsEntry("tenant", "acme")
        .containsEntry("team", null)
        .containsEntry("user_id", "ada")
        .containsEntry("key_id", "web")
        .containsEntry("protocol", "openai_chat")
        .containsEntry("priority", "interactive")
        .containsEntry("model_asked", "gpt-5-mini")
        .containsEntry("stream", true)
        .containsEntry("client_gone", "cancel")
        .containsEntry("idempotency_key", "once")
        .containsEntry("traceparent", "00-1-2-01")
        .containsEntry("deadline", OffsetDateTime.parse("2026-11-21T10:10:00.123Z"));
  }

  @Test
  void keepsNothingOfABodyButModelAndStream() {
    RequestAccepted accepted =
        Samples.accepted(ID, "acme").setBody(Samples.chat("x".repeat(9_900_000))).build();

    GenericRecord header = read(accepted);

    GenericRecord body = (GenericRecord) header.get("body");
    assertThat(body.getSchema().getFields()).extracting(Schema.Field::name).hasSize(2);
    assertThat(header.toString()).hasSizeLessThan(2_000);
  }

  @Test
  void takesModelAndStreamFromTheHeaderWhereTheBodyStandsElsewhere() {
    RequestAccepted accepted =
        Samples.accepted(ID, "acme")
            .setBody(null)
            .setModelAsked("text-embedding-3-large")
            .setBodyKind(BodyKind.EMBEDDING)
            .setContent(
                BodyReference.newBuilder()
                    .setAt(new LogReference("bodies", 1, 7L))
                    .setSize(70_000)
                    .build())
            .setFeatures(RequestFeatures.newBuilder().setStream(true).build())
            .setLane("acme/2")
            .setParentRequestId("parent")
            .setRunId("run")
            .setTags(Map.of("team", "core\0", "app", "search"))
            .setPath("/v1/embeddings")
            .setDoor("kafka")
            .build();

    assertThat(rowOf(read(accepted)))
        .containsEntry("model_asked", "text-embedding-3-large")
        .containsEntry("stream", true)
        .containsEntry("body_kind", "embedding")
        .containsEntry("lane", "acme/2")
        .containsEntry("parent_request_id", "parent")
        .containsEntry("run_id", "run")
        .containsEntry("tags", "{\"app\":\"search\",\"team\":\"core\uFFFD\"}")
        .containsEntry("path", "/v1/embeddings")
        .containsEntry("door", "kafka");
  }

  @Test
  void readsWhatVersion010Wrote() throws IOException {
    Schema released =
        new Schema.Parser()
            .parse(Files.readString(Path.of("../schemas/released/0.1.0/requests-value.avsc")));
    GenericRecord written = inSchema(released, Samples.accepted(ID, "acme").build());

    assertThat(rowOf(reread(written)))
        .containsEntry("model_asked", "gpt-5-mini")
        .containsEntry("stream", true)
        .containsEntry("body_kind", "chat")
        .containsEntry("lane", null)
        .containsEntry("tags", null)
        .containsEntry("door", "http");
  }

  @Test
  void readsARequestWhoseContentIsABranchOfANewerWriter() throws IOException {
    Schema newer = withNewerContent();
    GenericRecord written =
        inSchema(newer, Samples.accepted(ID, "acme").setBody(null).setModelAsked("gpt-6").build());
    Schema branch = newer.getField("content").schema().getTypes().getLast();
    written.put("content", new GenericData.Record(branch));

    assertThat(rowOf(reread(written))).containsEntry("model_asked", "gpt-6");
  }

  private GenericRecord read(RequestAccepted accepted) {
    byte[] bytes = schemas.<RequestAccepted>serializer().serialize("requests", accepted);
    return switch (projection.decoder().decode("requests", bytes)) {
      case Decoded.Value<GenericRecord>(GenericRecord header) -> header;
      case Decoded.Undecodable<GenericRecord> undecodable -> throw undecodable.reason();
      case Decoded.RegistryDown<GenericRecord> down -> throw down.cause();
    };
  }

  /** Writes the record in its own schema and reads it as the projection does. */
  private static GenericRecord reread(GenericRecord written) throws IOException {
    return transcode(written, AcceptedHeader.SCHEMA);
  }

  /** The record as a writer of the schema would have it; fields that it does not know are lost. */
  private static GenericRecord inSchema(Schema schema, RequestAccepted accepted)
      throws IOException {
    return transcode(accepted, schema);
  }

  private static GenericRecord transcode(IndexedRecord written, Schema reader) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
    new SpecificDatumWriter<IndexedRecord>(written.getSchema()).write(written, encoder);
    return new GenericDatumReader<GenericRecord>(written.getSchema(), reader)
        .read(null, DecoderFactory.get().binaryDecoder(bytes.toByteArray(), null));
  }

  private static Schema withNewerContent() {
    Schema today = RequestAccepted.getClassSchema();
    List<Schema> branches = new ArrayList<>(today.getField("content").schema().getTypes());
    branches.add(
        Schema.createRecord("ObjectStoreBody", "", "dev.tokenbus.newer", false, List.of()));
    List<Schema.Field> fields =
        today.getFields().stream()
            .map(field ->
                new Schema.Field(
                    field,
                    field.name().equals("content") ? Schema.createUnion(branches) : field.schema()))
            .toList();
    return Schema.createRecord(
        today.getName(), today.getDoc(), today.getNamespace(), false, fields);
  }

  private Map<String, @Nullable Object> rowOf(GenericRecord header) {
    Sourced<RequestId, GenericRecord> sourced =
        new Sourced<>(ID, header, new TopicPartition("requests", 0), 0);
    Map<String, @Nullable Object> row = new HashMap<>();
    projection
        .tables()
        .first()
        .columns()
        .forEach(column -> row.put(column.name(), column.value().apply(sourced)));
    return row;
  }
}
