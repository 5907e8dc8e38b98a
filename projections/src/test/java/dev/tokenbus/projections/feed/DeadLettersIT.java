package dev.tokenbus.projections.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tokenbus.projections.ProjectionsApp;
import dev.tokenbus.projections.fixture.ProjectionsStack;
import dev.tokenbus.projections.fixture.Samples;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.BilledAttempt;
import dev.tokenbus.schemas.avro.RequestAccepted;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.avro.UsageRecorded;
import dev.tokenbus.schemas.topics.Topics;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DeadLettersIT {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private ProjectionsStack stack;
  private Jdbi jdbi;
  private ProjectionsApp app;

  @BeforeAll
  void start(@TempDir Path directory) {
    stack = new ProjectionsStack(directory);
    jdbi = stack.jdbi();
    app = ProjectionsApp.start(stack.context, stack.settings());
    await().atMost(TIMEOUT).until(app::ready);
  }

  @AfterAll
  void stop() {
    app.close();
    stack.close();
  }

  @Test
  void putsAsideWhatCannotBeReadAndGoesOn() {
    String tenant = "garbage";
    byte[] before = bytes(usage(tenant));
    byte[] noAvro = "hello".getBytes(StandardCharsets.UTF_8);
    byte[] cut = Arrays.copyOf(before, before.length / 2);
    byte[] nobodysSchema = ByteBuffer.allocate(30).put((byte) 0).putInt(4711).array();
    byte[] noRequestId = bytes(Samples.usage(Samples.id(Instant.now()), tenant).setId("x").build());
    List<byte[]> records = new ArrayList<>();
    records.add(before);
    records.add(noAvro);
    records.add(cut);
    records.add(null);
    records.add(nobodysSchema);
    records.add(noRequestId);
    records.add(bytes(usage(tenant)));

    stack.produceBytes("usage", tenant, records);

    await().atMost(TIMEOUT).until(() -> rows("usage_events", tenant) == 2);
    await().atMost(TIMEOUT).until(app::ready);
    List<ConsumerRecord<String, byte[]>> letters = deadLetters(tenant);
    assertThat(letters)
        .extracting(ConsumerRecord::value)
        .containsExactly(noAvro, cut, null, nobodysSchema, noRequestId);
    assertThat(letters)
        .allSatisfy(letter -> {
          assertThat(header(letter, "kafka_dlt-original-topic")).isEqualTo("usage");
          assertThat(header(letter, "kafka_dlt-exception-message")).isNotBlank();
        });
    assertThat(header(letters.get(3), "kafka_dlt-exception-message")).contains("4711");
  }

  @Test
  void putsAsideOnlyTheRowThatPostgresRefuses() {
    String tenant = "refused";
    // Incompressible, and longer than an index entry may be.
    String endless =
        tenant
            + new Random(5)
                .ints(9_000, 'a', 'z' + 1)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append);
    List<UsageRecorded> records = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      records.add(usage(tenant));
    }
    records.add(25, usage(endless));

    stack.produce(Topics.USAGE, tenant, records);

    await().atMost(TIMEOUT).until(() -> rows("usage_events", tenant) == 50);
    List<ConsumerRecord<String, byte[]>> letters = deadLetters(tenant);
    assertThat(letters).extracting(ConsumerRecord::value).containsExactly(bytes(records.get(25)));
    assertThat(header(letters.getFirst(), "kafka_dlt-exception-message"))
        .startsWith("PostgreSQL refuses the row (54000): ERROR: index row");
  }

  @Test
  void neverLosesABillForACharacter() {
    String tenant = "characters";
    RequestId id = Samples.id(Instant.now());
    TokenUsage usage =
        TokenUsage.newBuilder(Samples.tokens()).setRaw("{\"note\":\"\\u0000\"}").build();
    UsageRecorded record =
        Samples.usage(id, tenant)
            .setUser("nul\0 and \uD83D\uDE00")
            .setBilled(BilledAttempt.newBuilder(Samples.billed()).setUsage(usage).build())
            .build();

    stack.produce(Topics.USAGE, tenant, record);

    await().atMost(TIMEOUT).until(() -> rows("usage_events", tenant) == 1);
    Map<String, Object> row =
        jdbi.withHandle(handle ->
            handle
                .createQuery(
                    "SELECT user_id, usage_raw #>> '{}' AS raw FROM usage_events WHERE request_id = ?")
                .bind(0, id.value())
                .mapToMap()
                .one());
    assertThat(row)
        .containsEntry("user_id", "nul\uFFFD and \uD83D\uDE00")
        .containsEntry("raw", "{\"note\":\"\\u0000\"}");
  }

  @Test
  void makesAPartitionAgainThatSomebodyDropped() {
    String tenant = "dropped";
    Instant then = Instant.parse("2020-06-15T12:00:00Z");
    stack.produce(Topics.USAGE, tenant, Samples.usage(Samples.id(then), tenant).build());
    await().atMost(TIMEOUT).until(() -> rows("usage_events", tenant) == 1);
    jdbi.useHandle(handle -> handle.execute("DROP TABLE usage_events_2020_06"));

    stack.produce(Topics.USAGE, tenant, Samples.usage(Samples.id(then), tenant).build());

    await().atMost(TIMEOUT).until(() -> rows("usage_events", tenant) == 1);
    assertThat(deadLetters(tenant)).isEmpty();
  }

  @Test
  void readsRequestsOfTenMegabytesWithTheirBodiesLeftOut() {
    String tenant = "large";
    List<RequestAccepted> large = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      large.add(
          Samples.accepted(Samples.id(Instant.now()), tenant)
              .setBody(Samples.chat(noise(10_000_000, i)))
              .build());
    }

    large.forEach(request -> stack.produce(Topics.REQUESTS, tenant, request));
    byte[] cut = Arrays.copyOf(serialized(large.getFirst()), 9_000_000);
    stack.produceBytes("requests", tenant, List.of(cut));
    stack.produce(
        Topics.REQUESTS, tenant, Samples.accepted(Samples.id(Instant.now()), tenant).build());

    await().atMost(TIMEOUT).until(() -> rows("requests", tenant) == 13);
    assertThat(deadLetters(tenant)).extracting(ConsumerRecord::value).containsExactly(cut);
  }

  private static String noise(int length, int seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) ('A' + (bytes[i] & 0x1F));
    }
    return new String(bytes, StandardCharsets.US_ASCII);
  }

  private static UsageRecorded usage(String tenant) {
    return Samples.usage(Samples.id(Instant.now()), tenant).build();
  }

  private byte[] bytes(UsageRecorded usage) {
    return stack.context.schemas().serializer().serialize("usage", usage);
  }

  private byte[] serialized(RequestAccepted request) {
    return stack.context.schemas().serializer().serialize("requests", request);
  }

  private long rows(String table, String tenant) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery("SELECT count(*) FROM " + table + " WHERE tenant = ?")
            .bind(0, tenant)
            .mapTo(Long.class)
            .one());
  }

  /** In order; those of other tests left out. */
  private List<ConsumerRecord<String, byte[]>> deadLetters(String tenant) {
    Map<String, Object> settings = new HashMap<>(stack.context.kafka().consumer("letters"));
    List<ConsumerRecord<String, byte[]>> letters = new ArrayList<>();
    TopicPartition only = new TopicPartition("projections.dlq", 0);
    try (KafkaConsumer<String, byte[]> consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(List.of(only));
      consumer.seekToBeginning(List.of(only));
      long end = consumer.endOffsets(List.of(only)).getOrDefault(only, 0L);
      while (consumer.position(only) < end) {
        for (ConsumerRecord<String, byte[]> letter : consumer.poll(Duration.ofMillis(100))) {
          if (letter.key().equals(tenant)) {
            letters.add(letter);
          }
        }
      }
    }
    return letters;
  }

  private static String header(ConsumerRecord<String, byte[]> letter, String name) {
    return new String(letter.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
  }
}
