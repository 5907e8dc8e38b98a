package dev.tokenbus.schemas.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tokenbus.schemas.avro.Control;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RecordDecoderTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int NEWER = 7;
  private static final Schema HEADER = HeaderSchema.without(Control.getClassSchema(), "command");

  /** As Control, with a command that this version does not know. */
  private static final Schema NEWER_CONTROL =
      new Schema.Parser()
          .parse(
              Control.getClassSchema()
                  .toString()
                  .replace(
                      "\"type\":[{\"type\":\"record\",\"name\":\"Cancel\"",
                      "\"type\":[{\"type\":\"record\",\"name\":\"Pause\",\"fields\":["
                          + "{\"name\":\"seconds\",\"type\":\"int\"}]},"
                          + "{\"type\":\"record\",\"name\":\"Cancel\""));

  private static final String UNKNOWN = "{\"error_code\":40403,\"message\":\"Schema 7 not found\"}";

  private final AtomicLong nanos = new AtomicLong();
  private final AtomicInteger calls = new AtomicInteger();
  private HttpServer server;
  private SchemaRegistry registry;
  private RecordDecoder<Control> decoder;
  private volatile int status = 200;
  private volatile String body =
      JSON.createObjectNode().put("schema", NEWER_CONTROL.toString()).toString();

  @BeforeEach
  void startRegistry() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
    registry = new SchemaRegistry(URI.create("http://127.0.0.1:" + server.getAddress().getPort()));
    decoder = new TopicSchemas(registry, nanos::get).decoder(Control.class).withHeader(HEADER);
  }

  @AfterEach
  void stopRegistry() {
    registry.close();
    server.stop(0);
  }

  @Test
  void readsTheHeaderOfARecordWhoseUnionBranchOnlyANewerVersionKnows() throws IOException {
    Decoded<Control> decoded = decoder.decode("control", newer("Pause"));

    assertThat(decoded)
        .isInstanceOfSatisfying(
            Decoded.Undecodable.class,
            undecodable -> {
              GenericRecord header = (GenericRecord) Objects.requireNonNull(undecodable.header());
              assertThat(header.get("requestId")).hasToString("r1");
              assertThat(header.get("tenant")).hasToString("acme");
              assertThat(undecodable.reason())
                  .hasMessageContaining("topic control")
                  .hasMessageContaining("schema id " + NEWER);
            });
  }

  @Test
  void readsWhatItKnowsOfTheSameWriter() throws IOException {
    assertThat(decoder.decode("control", newer("Cancel")))
        .isInstanceOfSatisfying(
            Decoded.Value.class,
            value -> assertThat(((Control) value.value()).getRequestId()).isEqualTo("r1"));
  }

  @Test
  void hasNoHeaderWithoutAHeaderSchema() throws IOException {
    RecordDecoder<Control> plain = new TopicSchemas(registry).decoder(Control.class);

    assertThat(plain.decode("control", newer("Pause")))
        .isInstanceOfSatisfying(
            Decoded.Undecodable.class, undecodable -> assertThat(undecodable.header()).isNull());
  }

  @Test
  void readsTheSameBytesOnceTheRegistryIsBack() throws IOException {
    byte[] bytes = newer("Cancel");
    status = 503;

    assertThat(decoder.decode("control", bytes)).isInstanceOf(Decoded.RegistryDown.class);

    status = 200;
    passes(Duration.ofMillis(300));
    assertThat(decoder.decode("control", bytes)).isInstanceOf(Decoded.Value.class);
  }

  @Test
  void doesNotWaitForARegistryThatIsAwayOnceForEveryRecord() throws IOException {
    byte[] bytes = newer("Cancel");
    status = 503;

    for (int i = 0; i < 100; i++) {
      assertThat(decoder.decode("control", bytes)).isInstanceOf(Decoded.RegistryDown.class);
    }

    assertThat(calls.get()).isLessThanOrEqualTo(2);
  }

  @Test
  void takesAProxysPageForARegistryThatIsAway() throws IOException {
    status = 404;
    body = "<html>404 no backend</html>";

    assertThat(decoder.decode("control", newer("Cancel"))).isInstanceOf(Decoded.RegistryDown.class);
  }

  @Test
  void takesTheRegistrysWordThatNobodyRegisteredTheSchemaAfterHalfAMinute() throws IOException {
    byte[] bytes = newer("Cancel");
    status = 404;
    body = UNKNOWN;

    for (int second = 0; second < 30; second++) {
      assertThat(decoder.decode("control", bytes)).isInstanceOf(Decoded.RegistryDown.class);
      passes(Duration.ofSeconds(1));
    }
    assertThat(decoder.decode("control", bytes))
        .isInstanceOfSatisfying(
            Decoded.Undecodable.class,
            undecodable ->
                assertThat(undecodable.reason()).hasMessageContaining("schema id " + NEWER));
  }

  @Test
  void readsARecordWhoseSchemaTheRegistryHadNotHeardOfYet() throws IOException {
    byte[] bytes = newer("Cancel");
    String known = body;
    status = 404;
    body = UNKNOWN;
    assertThat(decoder.decode("control", bytes)).isInstanceOf(Decoded.RegistryDown.class);

    status = 200;
    body = known;
    passes(Duration.ofSeconds(29));

    assertThat(decoder.decode("control", bytes)).isInstanceOf(Decoded.Value.class);
  }

  @Test
  void cannotReadAnotherLanguageOfSchemas() throws IOException {
    body = "{\"schemaType\":\"PROTOBUF\",\"schema\":\"syntax = \\\"proto3\\\";\"}";

    assertThat(decoder.decode("control", newer("Cancel"))).isInstanceOf(Decoded.Undecodable.class);
  }

  @Test
  void whateverForeignBytesHoldIsUndecodableAndNeverThrown() {
    byte[] foreign = "{\"a\":1}".getBytes(StandardCharsets.UTF_8);
    byte[] cut = ByteBuffer.allocate(6).put((byte) 0).putInt(NEWER).put((byte) 9).array();

    assertThat(decoder.decode("control", foreign)).isInstanceOf(Decoded.Undecodable.class);
    assertThat(decoder.decode("control", new byte[0])).isInstanceOf(Decoded.Undecodable.class);
    assertThat(decoder.decode("control", cut)).isInstanceOf(Decoded.Undecodable.class);
  }

  @Test
  void refusesAHeaderThatLeavesOutWhatIsNotThere() {
    assertThatThrownBy(() -> HeaderSchema.without(Control.getClassSchema(), "comand"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("comand");
  }

  private void passes(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  private static byte[] newer(String branch) throws IOException {
    Schema union = NEWER_CONTROL.getField("command").schema();
    Schema kind =
        union.getTypes().stream()
            .filter(type -> type.getName().equals(branch))
            .findFirst()
            .orElseThrow();
    GenericRecord command = new GenericData.Record(kind);
    if (branch.equals("Pause")) {
      command.put("seconds", 3);
    } else {
      command.put(
          "reason", new GenericData.EnumSymbol(kind.getField("reason").schema(), "OPERATOR"));
      command.put("upToAttempt", 1);
    }
    GenericRecord record = new GenericData.Record(NEWER_CONTROL);
    record.put("requestId", "r1");
    record.put("tenant", "acme");
    record.put("at", 5L);
    record.put("command", command);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(ByteBuffer.allocate(5).put((byte) 0).putInt(NEWER).array());
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
    new GenericDatumWriter<GenericRecord>(NEWER_CONTROL).write(record, encoder);
    return out.toByteArray();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      calls.incrementAndGet();
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(status, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }
}
