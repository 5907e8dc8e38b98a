package dev.tokenbus.projections;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tokenbus.projections.fixture.ProjectionsStack;
import dev.tokenbus.projections.fixture.Samples;
import dev.tokenbus.projections.query.UsageEvent;
import dev.tokenbus.projections.query.UsageQuery;
import dev.tokenbus.projections.query.UsageTotal;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.RequestFinished;
import dev.tokenbus.schemas.avro.RequestStatus;
import dev.tokenbus.schemas.avro.UsageRecorded;
import dev.tokenbus.schemas.topics.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProjectionsAppIT {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private ProjectionsStack stack;
  private Jdbi jdbi;

  @BeforeAll
  void startStack(@TempDir Path directory) {
    stack = new ProjectionsStack(directory);
    jdbi = stack.jdbi();
  }

  @AfterAll
  void stopStack() {
    stack.close();
  }

  @Test
  void writesARequestOnceHoweverOftenItsRecordIsRepeated() {
    List<UsageRecorded> records = usageOf("repeats", 200);
    List<UsageRecorded> repeated = new ArrayList<>(records);
    repeated.addAll(records);
    repeated.addAll(records.subList(50, 150));
    Collections.shuffle(repeated, new Random(7));

    try (ProjectionsApp app = start()) {
      stack.produce(Topics.USAGE, "repeats", repeated);
      stack.produce(Topics.USAGE, "repeats", usageOf("repeats", 1));

      await().atMost(TIMEOUT).until(() -> rows("usage_events", "repeats") == 201);
      assertThat(app.ready()).isTrue();
    }
    assertThat(idsOf("usage_events", "repeats"))
        .containsAll(records.stream().map(UsageRecorded::getId).toList());
  }

  @Test
  void goesOnWhereItStoppedWhenItIsStoppedAndStartedUnderLoad() {
    int total = 0;
    for (int round = 0; round < 4; round++) {
      try (ProjectionsApp _ = start()) {
        for (int i = 0; i < 5; i++) {
          stack.produce(Topics.USAGE, "restarts", usageOf("restarts", 500));
          total += 500;
        }
      }
    }
    int all = total;
    try (ProjectionsApp _ = start()) {
      await().atMost(TIMEOUT).until(() -> rows("usage_events", "restarts") == all);
    }
  }

  @Test
  void joinsBeginningAndEndInWhicheverOrderTheyAreRead() {
    String tenant = "orders";
    RequestId endFirst = Samples.id(Instant.now());
    RequestId beginningFirst = Samples.id(Instant.now());
    try (ProjectionsApp _ = start()) {
      stack.produce(
          Topics.OUTCOMES, tenant, Samples.finished(endFirst, tenant).setTeam("core").build());
      stack.produce(Topics.REQUESTS, tenant, Samples.accepted(beginningFirst, tenant).build());
      await().atMost(TIMEOUT).until(() -> rows("requests", tenant) == 2);
      assertThat(request(endFirst))
          .containsEntry("status", "completed")
          .containsEntry("deadline", null);
      assertThat(request(beginningFirst))
          .containsEntry("status", "in_flight")
          .containsEntry("model_asked", "gpt-5-mini")
          .containsEntry("stream", true)
          .containsEntry("total_ms", null);

      stack.produce(
          Topics.REQUESTS, tenant, Samples.accepted(endFirst, tenant).setTeam("core").build());
      stack.produce(Topics.OUTCOMES, tenant, Samples.finished(beginningFirst, tenant).build());

      await()
          .atMost(TIMEOUT)
          .untilAsserted(() -> {
            for (RequestId id : List.of(endFirst, beginningFirst)) {
              assertThat(request(id))
                  .containsEntry("status", "completed")
                  .containsEntry("stream", true)
                  .containsEntry("client_gone", "continue")
                  .containsEntry("idempotency_key", "once")
                  .containsEntry("user_id", "ada")
                  .containsEntry("provider", "openai")
                  .containsEntry("upstream_model", "gpt-5-mini-2026-08")
                  .containsEntry("queued_ms", 5L)
                  .containsEntry("total_ms", 905L)
                  .containsEntry("time_to_first_token_ms", 120L);
              assertThat(request(id).get("deadline")).isNotNull();
            }
          });
      assertThat(request(endFirst)).containsEntry("team", "core");
    }
  }

  @Test
  void keepsTheFirstEndOfARequest() {
    String tenant = "ends";
    RequestId id = Samples.id(Instant.now());
    RequestFinished first = Samples.finished(id, tenant).build();
    RequestFinished second =
        Samples.finished(id, tenant)
            .setStatus(RequestStatus.FAILED)
            .setErrorCode("worker_lost")
            .build();
    RequestId last = Samples.id(Instant.now());
    try (ProjectionsApp _ = start()) {
      stack.produce(Topics.OUTCOMES, tenant, first, second, first);
      stack.produce(Topics.REQUESTS, tenant, Samples.accepted(id, tenant).build());
      stack.produce(Topics.OUTCOMES, tenant, second, Samples.finished(last, tenant).build());

      await().atMost(TIMEOUT).until(() -> rows("requests", tenant) == 2);
      await().atMost(TIMEOUT).until(() -> request(id).get("deadline") != null);
    }
    assertThat(request(id)).containsEntry("status", "completed").containsEntry("error_code", null);
  }

  @Test
  void putsEachRowIntoTheMonthOfItsAcceptanceAndMakesTheMonthWhenNeeded() {
    String tenant = "months";
    RequestId lastOfJanuary = Samples.id(Instant.parse("2026-01-31T23:59:59.999Z"));
    RequestId firstOfFebruary = Samples.id(Instant.parse("2026-02-01T00:00:00Z"));
    RequestId longAgo = Samples.id(Instant.parse("1999-12-31T23:59:59.999Z"));
    RequestId farAhead = Samples.id(Instant.parse("2101-01-01T00:00:00.001Z"));
    List<UsageRecorded> records =
        List.of(lastOfJanuary, firstOfFebruary, longAgo, farAhead).stream()
            .map(id -> Samples.usage(id, tenant).build())
            .toList();
    try (ProjectionsApp _ = start()) {
      stack.produce(Topics.USAGE, tenant, records);
      stack.produce(Topics.USAGE, tenant, records);

      await().atMost(TIMEOUT).until(() -> rows("usage_events", tenant) == 4);
    }
    assertThat(tableOf(lastOfJanuary)).isEqualTo("usage_events_2026_01");
    assertThat(tableOf(firstOfFebruary)).isEqualTo("usage_events_2026_02");
    assertThat(tableOf(longAgo)).isEqualTo("usage_events_1999_12");
    assertThat(tableOf(farAhead)).isEqualTo("usage_events_2101_01");
  }

  @Test
  void readsOnlyWhatWasCommitted() throws Exception {
    String tenant = "committed";
    Map<String, Object> settings =
        stack.context.kafka().producer("tx", Duration.ZERO, Duration.ofSeconds(10));
    settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, "metering-of-the-test");
    UsageRecorded aborted = usageOf(tenant, 1).getFirst();
    UsageRecorded committed = usageOf(tenant, 1).getFirst();
    try (ProjectionsApp _ = start();
        KafkaProducer<String, byte[]> producer =
            new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer())) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(stack.record(Topics.USAGE, tenant, aborted)).get();
      producer.abortTransaction();
      producer.beginTransaction();
      producer.send(stack.record(Topics.USAGE, tenant, committed)).get();
      producer.commitTransaction();
      stack.produce(Topics.USAGE, tenant, usageOf(tenant, 1));

      await().atMost(TIMEOUT).until(() -> rows("usage_events", tenant) == 2);
    }
    assertThat(idsOf("usage_events", tenant)).contains(committed.getId());
    assertThat(idsOf("usage_events", tenant)).doesNotContain(aborted.getId());
  }

  @Test
  void catchesUpWhenPostgresWasAwayForAWhile() {
    String tenant = "outage";
    try (ProjectionsApp app = start()) {
      stack.produce(Topics.USAGE, tenant, usageOf(tenant, 300));
      await().atMost(TIMEOUT).until(() -> rows("usage_events", tenant) == 300);
      stack.stopPostgres();
      try {
        for (int i = 0; i < 10; i++) {
          stack.produce(Topics.USAGE, tenant, usageOf(tenant, 100));
        }
        await().atMost(TIMEOUT).until(() -> !app.ready());
      } finally {
        stack.startPostgres();
      }
      stack.produce(Topics.USAGE, tenant, usageOf(tenant, 1));

      await().atMost(TIMEOUT).until(() -> rows("usage_events", tenant) == 1_301);
      await().atMost(TIMEOUT).until(app::ready);
    }
  }

  @Test
  void waitsForPostgresWhenItStarts() {
    String tenant = "late";
    stack.stopPostgres();
    try (ProjectionsApp app = ProjectionsApp.start(stack.context, stack.settings())) {
      stack.produce(Topics.USAGE, tenant, usageOf(tenant, 10));
      assertThat(app.ready()).isFalse();
      stack.startPostgres();

      await().atMost(TIMEOUT).until(app::ready);
      await().atMost(TIMEOUT).until(() -> rows("usage_events", tenant) == 10);
    } finally {
      stack.startPostgres();
    }
  }

  @Test
  void closesAtOnceWhilePostgresIsAway() {
    stack.stopPostgres();
    try {
      ProjectionsApp app = ProjectionsApp.start(stack.context, stack.settings());
      Instant before = Instant.now();
      app.close();

      assertThat(Duration.between(before, Instant.now())).isLessThan(Duration.ofSeconds(10));
    } finally {
      stack.startPostgres();
    }
  }

  @Test
  void answersWhatWasUsed() {
    String tenant = "reports";
    Instant noon = Instant.parse("2026-03-10T12:00:00Z");
    try (ProjectionsApp _ = start()) {
      for (int day = 0; day < 3; day++) {
        RequestId id = Samples.id(noon.plus(Duration.ofDays(day)));
        stack.produce(
            Topics.USAGE,
            tenant,
            Samples.usage(id, tenant).build(),
            Samples.usage(Samples.id(noon.plus(Duration.ofDays(day)).plusMillis(1)), tenant)
                .setStatus(RequestStatus.FAILED)
                .setErrorCode("stalled")
                .setBilled(null)
                .build());
      }
      await().atMost(TIMEOUT).until(() -> rows("usage_events", tenant) == 6);
    }
    UsageQuery query = new UsageQuery(stack.databaseUrl());
    LocalDate first = LocalDate.parse("2026-03-10");

    assertThat(
            query.totals(first, first.plusDays(1)).stream().filter(t -> t.tenant().equals(tenant)))
        .containsExactly(
            new UsageTotal(first.plusDays(1), tenant, "gpt-5-mini", 2, 1, 21, 340),
            new UsageTotal(first, tenant, "gpt-5-mini", 2, 1, 21, 340));
    assertThat(query.latest(2)).hasSize(2);
    assertThat(query.latest(1_000_000))
        .isSortedAccordingTo(Comparator.comparing(UsageEvent::acceptedAt).reversed())
        .anySatisfy(event -> {
          assertThat(event.tenant()).isEqualTo(tenant);
          assertThat(event.status()).isEqualTo("failed");
          assertThat(event.provider()).isNull();
          assertThat(event.errorCode()).isEqualTo("stalled");
        });
  }

  private ProjectionsApp start() {
    ProjectionsApp app = ProjectionsApp.start(stack.context, stack.settings());
    await().atMost(TIMEOUT).until(app::ready);
    return app;
  }

  private static List<UsageRecorded> usageOf(String tenant, int count) {
    List<UsageRecorded> records = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      records.add(Samples.usage(Samples.id(Instant.now()), tenant).build());
    }
    return records;
  }

  private long rows(String table, String tenant) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery("SELECT count(*) FROM " + table + " WHERE tenant = ?")
            .bind(0, tenant)
            .mapTo(Long.class)
            .one());
  }

  private List<String> idsOf(String table, String tenant) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery("SELECT request_id::text FROM " + table + " WHERE tenant = ?")
            .bind(0, tenant)
            .mapTo(String.class)
            .list());
  }

  private Map<String, Object> request(RequestId id) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery("SELECT * FROM requests WHERE request_id = ?")
            .bind(0, id.value())
            .mapToMap()
            .one());
  }

  private String tableOf(RequestId id) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery("SELECT tableoid::regclass::text FROM usage_events WHERE request_id = ?")
            .bind(0, id.value())
            .mapTo(String.class)
            .one());
  }
}
