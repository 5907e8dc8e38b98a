package dev.tokenbus.projections.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbus.embedded.EmbeddedPostgres;
import dev.tokenbus.embedded.junit.SharedServers;
import dev.tokenbus.projections.fixture.FreshDatabase;
import dev.tokenbus.projections.fixture.Samples;
import dev.tokenbus.projections.requests.AcceptedProjection;
import dev.tokenbus.projections.requests.OutcomeProjection;
import dev.tokenbus.projections.usage.UsageProjection;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.UsageRecorded;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.kafka.common.TopicPartition;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedServers.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SchemaIT {
  private static final int INSTANCES = 4;

  private final DatabaseSettings settings;
  private final Database database;
  private final Jdbi jdbi;

  SchemaIT(EmbeddedPostgres server) {
    settings = FreshDatabase.on(server, "schema_it").database();
    database = new Database(settings);
    jdbi = database.jdbi();
  }

  @BeforeAll
  void migrateFromSeveralInstancesAtOnce() throws Exception {
    try (ExecutorService instances = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> migrations = new ArrayList<>();
      for (int i = 0; i < INSTANCES; i++) {
        migrations.add(
            instances.submit(() -> {
              try (Database one = new Database(settings)) {
                one.migrate();
              }
            }));
      }
      for (Future<?> migration : migrations) {
        migration.get();
      }
    }
  }

  @AfterAll
  void close() {
    database.close();
  }

  @Test
  void explainsEveryTableAndColumn() {
    new MonthlyPartitions(jdbi, clockAt("2026-11-21T10:00:00Z")).ensureAhead();

    List<String> unexplained =
        jdbi.withHandle(handle ->
            handle
                .createQuery(
                    """
                    SELECT c.relname || coalesce('.' || a.attname, '')
                    FROM pg_class c
                    LEFT JOIN pg_attribute a
                      ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v')
                      AND c.relname <> 'tokenbus_schema_history'
                      AND (col_description(c.oid, a.attnum) IS NULL
                        OR obj_description(c.oid, 'pg_class') IS NULL)\
                    """)
                .mapTo(String.class)
                .list());

    assertThat(unexplained).isEmpty();
  }

  @Test
  void hasEveryColumnThatIsWrittenAndWritesEveryColumnThatMustBe() {
    RecordTables<RequestId, UsageRecorded> usageTables = UsageProjection.tables();
    List<String> usage = names(usageTables.statements().getFirst());
    List<String> attempts = names(usageTables.statements().getLast());
    List<String> requests = new ArrayList<>(names(AcceptedProjection.tables().first()));
    requests.addAll(names(OutcomeProjection.tables().first()));

    assertThat(columnsOf("usage_events", "true")).containsAll(usage);
    assertThat(columnsOf("requests", "true")).containsAll(requests);
    String plain = "is_generated = 'NEVER' AND column_name <> 'recorded_at'";
    assertThat(usage).containsExactlyInAnyOrderElementsOf(columnsOf("usage_events", plain));
    assertThat(attempts).containsExactlyInAnyOrderElementsOf(columnsOf("usage_attempts", plain));
    assertThat(requests).containsAll(columnsOf("requests", plain));
  }

  @Test
  void refusesATimeOfAcceptanceThatIsNotTheIds() {
    RequestId id = Samples.id(Instant.parse("2026-11-21T10:00:00.123Z"));
    new MonthlyPartitions(jdbi, clockAt("2026-11-21T10:00:00Z")).ensureAhead();

    assertThatThrownBy(() ->
            jdbi.useHandle(handle -> {
              insert(handle, id);
              handle.execute(
                  "UPDATE usage_events SET accepted_at = accepted_at + interval '1 ms'"
                      + " WHERE request_id = ?",
                  id.value());
            }))
        .hasMessageContaining("usage_events_accepted_at_is_in_the_id");
  }

  @Test
  void makesAMonthOnceHoweverManyAsk() throws Exception {
    List<Future<Boolean>> made = new ArrayList<>();
    try (ExecutorService instances = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 8; i++) {
        made.add(
            instances.submit(() ->
                jdbi.withHandle(handle ->
                    handle
                        .createQuery("SELECT ensure_month_partition('requests', date '2031-05-17')")
                        .mapTo(Boolean.class)
                        .one())));
      }
    }
    int count = 0;
    for (Future<Boolean> one : made) {
      count += one.get() ? 1 : 0;
    }
    assertThat(count).isEqualTo(1);
  }

  @Test
  void makesAMonthWhileRowsAreBeingWritten() {
    new MonthlyPartitions(jdbi, clockAt("2026-11-21T10:00:00Z")).ensureAhead();
    jdbi.useTransaction(writing -> {
      insert(writing, Samples.id(Instant.parse("2026-11-21T10:00:01Z")));
      jdbi.useTransaction(other -> {
        other.execute("SET LOCAL lock_timeout = '2s'");
        other.execute("SELECT ensure_month_partition('usage_events', date '2032-02-29')");
      });
    });
  }

  private static void insert(Handle handle, RequestId id) {
    UsageProjection.tables()
        .write(
            handle,
            List.of(
                new Sourced<>(
                    id, Samples.usage(id, "schema").build(), new TopicPartition("usage", 0), 0)));
  }

  private static List<String> names(RowStatement<?, ?> statement) {
    List<String> names = new ArrayList<>();
    statement.columns().forEach(column -> names.add(column.name()));
    return names;
  }

  private List<String> columnsOf(String table, String condition) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                "SELECT column_name FROM information_schema.columns WHERE table_name = ? AND "
                    + condition)
            .bind(0, table)
            .mapTo(String.class)
            .list());
  }

  private static Clock clockAt(String instant) {
    return Clock.fixed(Instant.parse(instant), ZoneOffset.UTC);
  }
}
