package dev.tokenbus.projections.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.embedded.EmbeddedPostgres;
import dev.tokenbus.embedded.junit.SharedServers;
import dev.tokenbus.projections.fixture.FreshDatabase;
import dev.tokenbus.projections.fixture.Samples;
import dev.tokenbus.projections.requests.AcceptedProjection;
import dev.tokenbus.projections.requests.OutcomeProjection;
import dev.tokenbus.projections.usage.UsageProjection;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.BilledAttempt;
import dev.tokenbus.schemas.avro.TokenUsage;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.flywaydb.core.Flyway;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** A database that release 0.1.0 has filled, and goes on filling beside this one. */
@ExtendWith(SharedServers.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MigrationIT {
  private static final RequestId BEFORE = Samples.id(Instant.parse("2026-10-31T23:59:59.999Z"));
  private static final TopicPartition USAGE = new TopicPartition("usage", 0);

  private final DatabaseSettings settings;
  private final Database database;
  private final Jdbi jdbi;

  MigrationIT(EmbeddedPostgres server) {
    settings = FreshDatabase.on(server, "migration_it").database();
    database = new Database(settings);
    jdbi = database.jdbi();
  }

  @BeforeAll
  void fillWithVersion010AndMigrate() {
    Flyway.configure()
        .dataSource(DatabaseUrl.parse(settings.url()).dataSource())
        .locations("classpath:dev/tokenbus/projections/migrations")
        .table("tokenbus_schema_history")
        .target("1")
        .load()
        .migrate();
    jdbi.useHandle(handle -> {
      Version010.bill(handle, BEFORE, 1);
      Version010.accept(handle, BEFORE);
      handle.execute(
          "CREATE VIEW users_own AS SELECT request_id, total_input_tokens FROM usage_events");
    });
    database.migrate();
    new MonthlyPartitions(jdbi, Clock.systemUTC())
        .ensure(List.of("usage_events", "usage_attempts", "requests"), Set.of(Instant.now()));
  }

  @AfterAll
  void close() {
    database.close();
  }

  @Test
  void keepsTheRowsOfVersion010AndWhatUsersMadeOfThem() {
    assertThat(row("SELECT * FROM usage_events WHERE request_id = ?", BEFORE))
        .containsEntry("tenant", "acme")
        .containsEntry("total_input_tokens", 21L)
        .containsEntry("total_output_tokens", 340L)
        .containsEntry("input_video_tokens", 0L)
        .containsEntry("body_kind", null)
        .containsEntry("tags", null);
    assertThat(row("SELECT * FROM requests WHERE request_id = ?", BEFORE))
        .containsEntry("status", "in_flight")
        .containsEntry("body_kind", null);
    assertThat(row("SELECT * FROM users_own WHERE request_id = ?", BEFORE))
        .containsEntry("total_input_tokens", 21L);
    assertThat(row("SELECT * FROM usage_daily WHERE day = '2026-10-31' AND ? IS NOT NULL", BEFORE))
        .containsEntry("input_tokens", 21L)
        .containsEntry("completed", 1L);
  }

  @Test
  void letsInstancesOfVersion010GoOnWriting() {
    RequestId id = Samples.id(Instant.now());
    RequestId inAnotherMonth = Samples.id(Instant.parse("2027-03-01T00:00:00Z"));

    jdbi.useHandle(handle -> {
      for (RequestId each : List.of(id, inAnotherMonth)) {
        Version010.bill(handle, each, 2);
        Version010.bill(handle, each, 3);
        Version010.accept(handle, each);
        Version010.finish(handle, each);
      }
    });

    assertThat(row("SELECT * FROM usage_events WHERE request_id = ?", inAnotherMonth))
        .containsEntry("source_offset", 2L)
        .containsEntry("total_output_tokens", 340L);
    assertThat(row("SELECT * FROM requests WHERE request_id = ?", id))
        .containsEntry("status", "completed")
        .containsEntry("stream", true);
  }

  @Test
  void addsNothingToABillThatVersion010WroteFirst() {
    RequestId id = Samples.id(Instant.now());
    jdbi.useHandle(handle -> {
      Version010.bill(handle, id, 4);
      bill(handle, id, Samples.billed());
    });

    assertThat(row("SELECT * FROM usage_events WHERE request_id = ?", id))
        .containsEntry("source_offset", 4L);
    assertThat(row("SELECT count(*) AS rows FROM usage_attempts WHERE request_id = ?", id))
        .containsEntry("rows", 0L);
  }

  @Test
  void completesARequestThatVersion010BeganAndTheOtherWayRound() {
    RequestId begunByOld = Samples.id(Instant.now());
    RequestId begunByNew = Samples.id(Instant.now());
    jdbi.useHandle(handle -> {
      Version010.accept(handle, begunByOld);
      OutcomeProjection.tables()
          .write(
              handle,
              List.of(
                  new Sourced<>(
                      begunByOld, Samples.finished(begunByOld, "acme").build(), USAGE, 0)));
      OutcomeProjection.tables()
          .write(
              handle,
              List.of(
                  new Sourced<>(
                      begunByNew,
                      Samples.finished(begunByNew, "acme").setTags(Map.of("app", "x")).build(),
                      USAGE,
                      1)));
      Version010.accept(handle, begunByNew);
    });

    for (RequestId id : List.of(begunByOld, begunByNew)) {
      assertThat(row("SELECT * FROM requests WHERE request_id = ?", id))
          .containsEntry("status", "completed")
          .containsEntry("stream", true)
          .containsEntry("provider", "openai");
    }
    assertThat(AcceptedProjection.tables().statements()).hasSize(1);
  }

  @Test
  void countsTheNewTokenClassesInTheTotals() {
    RequestId id = Samples.id(Instant.now());
    TokenUsage tokens =
        TokenUsage.newBuilder(Samples.tokens())
            .setCacheReadAudio(1_000)
            .setCacheReadImage(2_000)
            .setInputVideo(4_000)
            .setOutputVideo(1_000)
            .setOutputCitation(2_000)
            .build();
    jdbi.useHandle(handle ->
        bill(handle, id, BilledAttempt.newBuilder(Samples.billed()).setUsage(tokens).build()));

    assertThat(row("SELECT * FROM usage_events WHERE request_id = ?", id))
        .containsEntry("total_input_tokens", 7_021L)
        .containsEntry("total_output_tokens", 3_340L);
    assertThat(row("SELECT * FROM usage_attempts WHERE request_id = ?", id))
        .containsEntry("billed", true)
        .containsEntry("input_video_tokens", 4_000L)
        .containsEntry("provider", "openai");
  }

  @Test
  void findsBillsByTagThroughTheIndex() {
    List<String> plan =
        jdbi.withHandle(handle -> {
          handle.execute("SET enable_seqscan = off");
          return handle
              .createQuery(
                  "EXPLAIN SELECT * FROM usage_events WHERE tags @> CAST('{\"app\":\"x\"}' AS jsonb)")
              .mapTo(String.class)
              .list();
        });

    assertThat(String.join("\n", plan)).contains("Bitmap Index Scan").contains("tags");
  }

  private static void bill(Handle handle, RequestId id, BilledAttempt billed) {
    UsageProjection.tables()
        .write(
            handle,
            List.of(
                new Sourced<>(id, Samples.usage(id, "acme").setBilled(billed).build(), USAGE, 9)));
  }

  private Map<String, Object> row(String sql, RequestId id) {
    return jdbi.withHandle(handle -> handle.createQuery(sql).bind(0, id.value()).mapToMap().one());
  }
}
