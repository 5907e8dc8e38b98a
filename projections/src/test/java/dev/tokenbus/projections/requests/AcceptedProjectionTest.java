package dev.tokenbus.projections.requests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.embedded.registry.InMemoryRegistry;
import dev.tokenbus.projections.feed.Projection;
import dev.tokenbus.projections.fixture.Samples;
import dev.tokenbus.projections.store.Sourced;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.ClientGone;
import dev.tokenbus.schemas.avro.RequestAccepted;
import dev.tokenbus.schemas.serde.SchemaRegistry;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.Topics;
import java.net.URI;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AcceptedProjectionTest {
  private static final RequestId ID = Samples.id(Instant.parse("2026-11-21T10:00:00.123Z"));

  private InMemoryRegistry server;
  private SchemaRegistry registry;
  private Projection<GenericRecord> projection;
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
  void readsTheHeadOfARequest() {
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

    GenericRecord head = read(accepted);

    GenericRecord body = (GenericRecord) head.get("body");
    assertThat(body.getSchema().getFields()).extracting(Schema.Field::name).hasSize(2);
    assertThat(head.toString()).hasSizeLessThan(2_000);
  }

  @Test
  void readsKindsOfBodiesThatNameNoModel() {
    Schema head = AcceptedProjection.headerSchema();

    assertThat(head.getField("body").schema().getTypes())
        .hasSameSizeAs(RequestAccepted.getClassSchema().getField("body").schema().getTypes());
    assertThat(head.getFields()).hasSameSizeAs(RequestAccepted.getClassSchema().getFields());
  }

  private GenericRecord read(RequestAccepted accepted) {
    byte[] bytes = schemas.<RequestAccepted>serializer().serialize("requests", accepted);
    return projection.deserializer().deserialize("requests", bytes);
  }

  private Map<String, @Nullable Object> rowOf(GenericRecord head) {
    Sourced<GenericRecord> sourced = new Sourced<>(ID, head, new TopicPartition("requests", 0), 0);
    Map<String, @Nullable Object> row = new HashMap<>();
    projection
        .rows()
        .columns()
        .forEach(column -> row.put(column.name(), column.value().apply(sourced)));
    return row;
  }
}
