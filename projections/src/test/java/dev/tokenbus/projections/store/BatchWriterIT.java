package dev.tokenbus.projections.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbus.embedded.EmbeddedPostgres;
import dev.tokenbus.embedded.junit.SharedServers;
import dev.tokenbus.projections.fixture.FreshDatabase;
import dev.tokenbus.projections.fixture.Samples;
import dev.tokenbus.schemas.RequestId;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random batches of a log, with rows that PostgreSQL refuses, crashes and a zombie. */
@ExtendWith(SharedServers.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BatchWriterIT {
  private static final int RECORDS = 150;
  private static final int MOST_PER_BATCH = 20;

  private final Database database;
  private final OffsetLedger ledger;
  private final MonthlyPartitions months;

  BatchWriterIT(EmbeddedPostgres server) {
    database = new Database(FreshDatabase.on(server, "batch_writer_it").database());
    ledger = new OffsetLedger("changes", database.jdbi());
    months = new MonthlyPartitions(database.jdbi(), Clock.systemUTC());
  }

  @BeforeAll
  void makeTables() {
    database.migrate();
    database.jdbi().useHandle(ChangeTables::create);
  }

  @AfterAll
  void close() {
    database.close();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void writesEachRecordOnceWholeAndInLogOrder(long seed) {
    Random random = new Random(seed);
    ChangeLog log = ChangeLog.random(random, RECORDS);
    ChangeTables tables = new ChangeTables();
    LetterBox letters = new LetterBox(random);
    BatchWriter<RequestId, Change> writer =
        new BatchWriter<>(tables.all(), database.jdbi(), ledger, months, letters);
    database.jdbi().useHandle(ChangeTables::clear);
    Map<TopicPartition, Long> stored = ledger.read(log.partitions());
    Map<TopicPartition, Long> zombiesBelief = stored;

    while (!stored.equals(log.end())) {
      Batch<RequestId, Change> batch = log.batch(stored, random, MOST_PER_BATCH);
      Map<TopicPartition, Long> expected = Map.copyOf(stored);
      tables.crashAfter(random.nextInt(4) == 0 ? random.nextInt(30) : ChangeTables.NEVER);
      boolean acknowledged = tried(writer, batch, expected);
      tables.crashAfter(ChangeTables.NEVER);
      stored = ledger.read(log.partitions());
      assertThat(stored).isEqualTo(acknowledged ? moved(expected, batch) : expected);
      letZombieWrite(writer, log, zombiesBelief, stored, random);
      if (random.nextInt(3) == 0) {
        zombiesBelief = stored;
      }
    }

    assertThat(ChangeTables.latest(database.jdbi())).isEqualTo(log.latest());
    assertThat(ChangeTables.history(database.jdbi()))
        .containsExactlyInAnyOrderElementsOf(log.history());
    assertThat(letters.places()).isEqualTo(log.refused());
  }

  @Test
  void writesRecordsOfAllKeysInLogOrderWhereTheTablesAskForIt() {
    TopicPartition partition = new TopicPartition("changes", 0);
    RequestId early = Samples.id(Instant.parse("2026-11-21T10:00:00Z"));
    RequestId late = Samples.id(Instant.parse("2026-11-21T10:00:01Z"));
    List<Sourced<RequestId, Change>> rows = new ArrayList<>();
    for (int step = 0; step < 20; step++) {
      Change.Fault fault = step == 11 ? Change.Fault.FIRST_TABLE : Change.Fault.NONE;
      rows.add(
          new Sourced<>(step % 2 == 0 ? late : early, new Change(step, 1, fault), partition, step));
    }
    List<Long> letters = new ArrayList<>();
    BatchWriter<RequestId, Change> writer =
        new BatchWriter<>(
            new ChangeTables().inLogOrder(),
            database.jdbi(),
            ledger,
            months,
            refused -> refused.forEach(letter -> letters.add(letter.offset())));
    database.jdbi().useHandle(ChangeTables::clear);
    ledger.read(List.of(partition));

    writer.write(
        new Batch<>(rows.subList(0, 10), List.of(), Map.of(partition, 10L)), Map.of(partition, 0L));
    writer.write(
        new Batch<>(rows.subList(10, 20), List.of(), Map.of(partition, 20L)),
        Map.of(partition, 10L));

    assertThat(ChangeTables.history(database.jdbi()))
        .containsExactlyInAnyOrderElementsOf(
            rows.stream()
                .map(row -> row.value().step())
                .filter(step -> step != 11)
                .map(step -> step + ".0 at " + step)
                .toList());
    assertThat(letters).containsExactly(11L);
  }

  /** Returns false after a crash: nothing may have been written then. */
  private static boolean tried(
      BatchWriter<RequestId, Change> writer,
      Batch<RequestId, Change> batch,
      Map<TopicPartition, Long> expected) {
    try {
      writer.write(batch, expected);
      return true;
    } catch (SimulatedCrash e) {
      return false;
    }
  }

  /** Another instance that has not heard of its replacement. */
  private static void letZombieWrite(
      BatchWriter<RequestId, Change> writer,
      ChangeLog log,
      Map<TopicPartition, Long> belief,
      Map<TopicPartition, Long> stored,
      Random random) {
    Batch<RequestId, Change> batch = log.batch(belief, random, MOST_PER_BATCH);
    boolean replaced =
        batch.partitions().stream()
            .anyMatch(one -> !Objects.equals(belief.get(one), stored.get(one)));
    if (replaced) {
      assertThatThrownBy(() -> writer.write(batch, belief)).isInstanceOf(FencedException.class);
    }
  }

  private static Map<TopicPartition, Long> moved(
      Map<TopicPartition, Long> from, Batch<RequestId, Change> batch) {
    Map<TopicPartition, Long> to = new HashMap<>(from);
    to.putAll(batch.next());
    return to;
  }
}
