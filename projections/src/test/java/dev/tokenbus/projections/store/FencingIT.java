package dev.tokenbus.projections.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbus.embedded.EmbeddedBroker;
import dev.tokenbus.embedded.EmbeddedPostgres;
import dev.tokenbus.embedded.junit.SharedServers;
import dev.tokenbus.projections.feed.DeadLetterPublisher;
import dev.tokenbus.projections.fixture.FreshDatabase;
import dev.tokenbus.projections.fixture.Samples;
import dev.tokenbus.projections.usage.UsageProjection;
import dev.tokenbus.runtime.config.Addresses;
import dev.tokenbus.runtime.kafka.KafkaSettings;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.UsageRecorded;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.kafka.common.TopicPartition;
import org.jdbi.v3.core.JdbiException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** Two instances that both believe a partition is theirs. */
@ExtendWith(SharedServers.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FencingIT {
  private static final TopicPartition PARTITION = new TopicPartition("usage", 0);

  private final Database database;
  private final MonthlyPartitions months;
  private final OffsetLedger ledger;
  private final DeadLetterPublisher deadLetters;

  FencingIT(EmbeddedPostgres server, EmbeddedBroker broker) {
    database = new Database(FreshDatabase.on(server, "fencing_it").database());
    months = new MonthlyPartitions(database.jdbi(), Clock.systemUTC());
    ledger = new OffsetLedger("usage", database.jdbi());
    deadLetters =
        new DeadLetterPublisher(
            new KafkaSettings(Addresses.of(Map.of(Addresses.KAFKA, broker.bootstrapServers()))),
            Clock.systemUTC());
  }

  @BeforeAll
  void migrate() {
    database.migrate();
  }

  @AfterAll
  void close() {
    deadLetters.close();
    database.close();
  }

  @BeforeEach
  void startFromNothing() {
    database
        .jdbi()
        .useHandle(handle -> handle.execute("TRUNCATE projection_offsets, usage_events"));
    assertThat(ledger.read(List.of(PARTITION))).containsEntry(PARTITION, 0L);
  }

  @Test
  void rollsBackAnInstanceThatWasReplacedBeforeItWrote() {
    Map<TopicPartition, Long> believedByBoth = Map.of(PARTITION, 0L);
    writer(UsageProjection.tables()).write(batch(0, 10), believedByBoth);

    assertThatThrownBy(() -> writer(UsageProjection.tables()).write(batch(0, 7), believedByBoth))
        .isInstanceOf(FencedException.class)
        .hasMessageContaining("usage-0");

    assertThat(rows()).isEqualTo(10);
    assertThat(ledger.read(List.of(PARTITION))).containsEntry(PARTITION, 10L);
  }

  @Test
  void rollsBackEverythingWhenOneOfSeveralPartitionsIsLost() {
    TopicPartition other = new TopicPartition("usage", 1);
    ledger.read(List.of(other));
    Batch<RequestId, UsageRecorded> both = batch(0, 5);
    both.next().put(other, 3L);

    assertThatThrownBy(
            () -> writer(UsageProjection.tables()).write(both, Map.of(PARTITION, 0L, other, 2L)))
        .isInstanceOf(FencedException.class);

    assertThat(rows()).isZero();
    assertThat(ledger.read(List.of(PARTITION, other))).isEqualTo(Map.of(PARTITION, 0L, other, 0L));
  }

  @Test
  void endsTheTransactionOfAnInstanceThatFrozeInTheMiddleOfItsBatch() throws Exception {
    CountDownLatch frozen = new CountDownLatch(1);
    CountDownLatch thaw = new CountDownLatch(1);
    Batch<RequestId, UsageRecorded> batch = batch(0, 20);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> old =
          threads.submit(() -> writer(freezing(frozen, thaw)).write(batch, Map.of(PARTITION, 0L)));
      frozen.await(); // its partition is locked, its rows are not yet sent

      writer(UsageProjection.tables()).write(batch, Map.of(PARTITION, 0L));
      assertThat(rows()).isEqualTo(20);
      writer(UsageProjection.tables()).write(batch(20, 25), Map.of(PARTITION, 20L));
      thaw.countDown();

      assertThatThrownBy(old::get)
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(JdbiException.class);
    }
    assertThat(rows()).isEqualTo(25);
    assertThat(ledger.read(List.of(PARTITION))).containsEntry(PARTITION, 25L);
  }

  @Test
  void letsOnlyOneOfManyWriteABatch() throws Exception {
    List<Future<?>> writers = new ArrayList<>();
    Batch<RequestId, UsageRecorded> batch = batch(0, 100);
    int fenced = 0;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 6; i++) {
        writers.add(
            threads.submit(
                () -> writer(UsageProjection.tables()).write(batch, Map.of(PARTITION, 0L))));
      }
      for (Future<?> writer : writers) {
        try {
          writer.get();
        } catch (ExecutionException e) {
          assertThat(e).hasCauseInstanceOf(FencedException.class);
          fenced++;
        }
      }
    }
    assertThat(fenced).isEqualTo(5);
    assertThat(rows()).isEqualTo(100);
  }

  private BatchWriter<RequestId, UsageRecorded> writer(
      RecordTables<RequestId, UsageRecorded> tables) {
    return new BatchWriter<>(tables, database.jdbi(), ledger, months, deadLetters);
  }

  /** Waits in the middle of the transaction, behind the offset and before the rows. */
  private static RecordTables<RequestId, UsageRecorded> freezing(
      CountDownLatch frozen, CountDownLatch thaw) {
    List<Column<RequestId, UsageRecorded>> columns =
        new ArrayList<>(UsageProjection.tables().first().columns());
    Column<RequestId, UsageRecorded> first = columns.removeFirst();
    columns.addFirst(
        new Column<>(
            first.name(),
            first.placeholder(),
            row -> {
              frozen.countDown();
              try {
                thaw.await();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
              return first.value().apply(row);
            }));
    return RecordTables.byRequest(
        new RowStatement<>(
            "usage_events", List.of("request_id", "accepted_at"), columns, "DO NOTHING"),
        List.of());
  }

  private static Batch<RequestId, UsageRecorded> batch(long from, long to) {
    List<Sourced<RequestId, UsageRecorded>> rows = new ArrayList<>();
    for (long offset = from; offset < to; offset++) {
      RequestId id = Samples.id(Instant.now());
      rows.add(new Sourced<>(id, Samples.usage(id, "fence").build(), PARTITION, offset));
    }
    Map<TopicPartition, Long> next = new HashMap<>(Map.of(PARTITION, to));
    return new Batch<>(rows, List.of(), next);
  }

  private long rows() {
    return database
        .jdbi()
        .withHandle(handle ->
            handle.createQuery("SELECT count(*) FROM usage_events").mapTo(Long.class).one());
  }
}
