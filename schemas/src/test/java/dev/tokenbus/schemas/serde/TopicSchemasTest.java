package dev.tokenbus.schemas.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tokenbus.schemas.avro.Cancel;
import dev.tokenbus.schemas.avro.CancelReason;
import dev.tokenbus.schemas.avro.Control;
import dev.tokenbus.schemas.topics.Topics;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TopicSchemasTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int FIRST_ID = 41;

  /** Ids are positions in the list, from {@link #FIRST_ID}. */
  private final List<String> registered = new ArrayList<>();

  private final List<String> calls = new CopyOnWriteArrayList<>();
  private HttpServer server;
  private SchemaRegistry registry;
  private int refuseWith;

  @BeforeEach
  void startRegistry() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/apis/ccompat/v7", this::answer);
    server.start();
    registry = new SchemaRegistry(url());
  }

  @AfterEach
  void stopRegistry() {
    registry.close();
    server.stop(0);
  }

  @Test
  void writesTheConfluentWireFormatThatAnyoneCanReadWithTheRegistryAlone() throws IOException {
    TopicSchemas schemas = new TopicSchemas(registry).resolve(List.of(Topics.CONTROL));

    byte[] bytes = schemas.<Control>serializer().serialize("control", cancel());

    ByteBuffer wire = ByteBuffer.wrap(bytes);
    assertThat(wire.get()).isZero();
    assertThat(wire.getInt()).isEqualTo(FIRST_ID);
    Schema known = registry.byId(FIRST_ID);
    GenericRecord read =
        new GenericDatumReader<GenericRecord>(known)
            .read(null, DecoderFactory.get().binaryDecoder(bytes, 5, bytes.length - 5, null));
    assertThat(read.get("requestId")).hasToString("r1");
  }

  @Test
  void asksTheRegistryOnlyWhenTopicsAreResolved() {
    TopicSchemas schemas = new TopicSchemas(registry).resolve(List.of(Topics.CONTROL));
    List<String> atStart = List.copyOf(calls);
    Serializer<Control> serializer = schemas.serializer();
    Deserializer<Control> deserializer = schemas.deserializer(Control.class);

    for (int i = 0; i < 100; i++) {
      assertThat(deserializer.deserialize("control", serializer.serialize("control", cancel())))
          .isEqualTo(cancel());
    }
    schemas.resolve(List.of(Topics.CONTROL));

    assertThat(calls).isEqualTo(atStart);
    assertThat(atStart)
        .containsExactly("POST /subjects/control-value/versions", "PUT /config/control-value");
  }

  @Test
  void readsWhatANewerWriterWroteAndAsksForItsSchemaOnce() throws IOException {
    TopicSchemas schemas = new TopicSchemas(registry).resolve(List.of(Topics.CONTROL));
    Schema newer =
        new Schema.Parser()
            .parse(
                Control.getClassSchema()
                    .toString()
                    .replaceFirst(
                        "\"fields\":\\[",
                        "\"fields\":[{\"name\":\"priority\",\"type\":\"int\",\"default\":0},"));
    registered.add(newer.toString());
    byte[] bytes = written(newer, FIRST_ID + 1);
    Deserializer<Control> deserializer = schemas.deserializer(Control.class);
    calls.clear();

    assertThat(deserializer.deserialize("control", bytes).getRequestId()).isEqualTo("r1");
    assertThat(deserializer.deserialize("control", bytes).getRequestId()).isEqualTo("r1");

    assertThat(calls).containsExactly("GET /schemas/ids/" + (FIRST_ID + 1));
  }

  @Test
  void skipsWhatTheReadersOwnSchemaLeavesOut() {
    TopicSchemas schemas = new TopicSchemas(registry).resolve(List.of(Topics.CONTROL));
    byte[] bytes = schemas.<Control>serializer().serialize("control", cancel());
    Schema tenantOnly =
        SchemaBuilder.record("Control")
            .namespace(Control.getClassSchema().getNamespace())
            .fields()
            .requiredString("tenant")
            .endRecord();

    GenericRecord read = schemas.deserializer(tenantOnly).deserialize("control", bytes);

    assertThat(read.get("tenant")).hasToString("acme");
    assertThat(read.getSchema().getFields()).hasSize(1);
  }

  @Test
  void tellsARecordOfNobodysSchemaFromARegistryThatIsAway() {
    AtomicLong nanos = new AtomicLong();
    TopicSchemas schemas = new TopicSchemas(registry, nanos::get).resolve(List.of(Topics.CONTROL));
    Deserializer<Control> deserializer = schemas.deserializer(Control.class);
    byte[] bytes = ByteBuffer.allocate(9).put((byte) 0).putInt(FIRST_ID + 7).array();

    refuseWith = 404;
    assertThatThrownBy(() -> deserializer.deserialize("control", bytes))
        .isInstanceOf(SchemaRegistryException.class);
    nanos.addAndGet(TimeUnit.SECONDS.toNanos(31));
    assertThatThrownBy(() -> deserializer.deserialize("control", bytes))
        .isInstanceOf(SerializationException.class)
        .hasMessageContaining("schema id " + (FIRST_ID + 7));
    refuseWith = 503;
    nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
    assertThatThrownBy(() -> deserializer.deserialize("control", bytes))
        .isInstanceOf(SchemaRegistryException.class);
  }

  @Test
  void tombstonesStayTombstones() {
    TopicSchemas schemas = new TopicSchemas(registry).resolve(List.of(Topics.CONTROL));

    assertThat(schemas.<Control>serializer().serialize("control", null)).isNull();
    assertThat(schemas.deserializer(Control.class).deserialize("control", null)).isNull();
  }

  @Test
  void saysWhichTopicHoldsWhatCannotBeRead() {
    TopicSchemas schemas = new TopicSchemas(registry).resolve(List.of(Topics.CONTROL));
    Deserializer<Control> deserializer = schemas.deserializer(Control.class);

    for (byte[] bytes :
        List.of(new byte[0], new byte[] {0, 0}, "{\"a\":1}".getBytes(StandardCharsets.UTF_8))) {
      assertThatThrownBy(() -> deserializer.deserialize("control", bytes))
          .isInstanceOf(SerializationException.class)
          .hasMessageContaining("topic control")
          .hasMessageContaining("Confluent wire format");
    }
    byte[] truncated = new byte[] {0, 0, 0, 0, FIRST_ID, 4};
    assertThatThrownBy(() -> deserializer.deserialize("control", truncated))
        .isInstanceOf(SerializationException.class)
        .hasMessageContaining("schema id " + FIRST_ID);
  }

  @Test
  void refusesToWriteToATopicThatWasNotResolved() {
    TopicSchemas schemas = new TopicSchemas(registry);

    assertThatThrownBy(() -> schemas.<Control>serializer().serialize("control", cancel()))
        .hasMessageContaining("control");
  }

  @Test
  void saysClearlyThatTheRegistryIsAway() {
    server.stop(0);

    assertThatThrownBy(() -> new TopicSchemas(registry).resolve(List.of(Topics.CONTROL)))
        .isInstanceOf(SchemaRegistryException.class)
        .hasMessageContaining(url().toString())
        .hasMessageContaining("register subject control-value")
        .hasMessageContaining("SCHEMA_REGISTRY_URL");
  }

  @Test
  void saysClearlyWhatTheRegistryRefuses() {
    refuseWith = 409;

    assertThatThrownBy(() -> new TopicSchemas(registry).resolve(List.of(Topics.CONTROL)))
        .isInstanceOf(SchemaRegistryException.class)
        .hasMessageContaining("HTTP 409")
        .hasMessageContaining("incompatible")
        .hasMessageContaining("control-value");
  }

  private static Control cancel() {
    return new Control(
        "r1", "acme", Instant.ofEpochMilli(5), new Cancel(CancelReason.CLIENT_GONE, 1, null));
  }

  private static byte[] written(Schema schema, int id) throws IOException {
    GenericRecord command =
        new GenericData.Record(schema.getField("command").schema().getTypes().getFirst());
    command.put(
        "reason",
        new GenericData.EnumSymbol(
            SchemaBuilder.enumeration("CancelReason").symbols("OPERATOR"), "OPERATOR"));
    command.put("upToAttempt", 1);
    GenericRecord record = new GenericData.Record(schema);
    record.put("priority", 9);
    record.put("requestId", "r1");
    record.put("tenant", "acme");
    record.put("at", 5L);
    record.put("command", command);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(ByteBuffer.allocate(5).put((byte) 0).putInt(id).array());
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
    new GenericDatumWriter<GenericRecord>(schema).write(record, encoder);
    return out.toByteArray();
  }

  private URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/apis/ccompat/v7");
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath().substring("/apis/ccompat/v7".length());
      calls.add(exchange.getRequestMethod() + " " + path);
      JsonNode body = JSON.readTree(exchange.getRequestBody());
      String answer = body.toString();
      if (path.endsWith("/versions")) {
        registered.add(body.path("schema").asText());
        answer = "{\"id\":" + (FIRST_ID + registered.size() - 1) + "}";
      } else if (path.startsWith("/schemas/ids/") && refuseWith == 0) {
        int id = Integer.parseInt(path.substring("/schemas/ids/".length()));
        answer = JSON.createObjectNode().put("schema", registered.get(id - FIRST_ID)).toString();
      }
      if (refuseWith != 0) {
        answer = "{\"error_code\":409,\"message\":\"incompatible schema\"}";
      }
      byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(refuseWith == 0 ? 200 : refuseWith, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }
}
