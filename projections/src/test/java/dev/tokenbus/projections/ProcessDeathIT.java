package dev.tokenbus.projections;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tokenbus.projections.fixture.ProjectionsInstance;
import dev.tokenbus.projections.fixture.ProjectionsStack;
import dev.tokenbus.projections.fixture.RecordLoad;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes under load: every request has its rows, and none has two. */
class ProcessDeathIT {
  private static final Duration TIMEOUT = Duration.ofMinutes(3);
  private static final long SEED = 20261121;
  private static final int MOST_ROUNDS = 8;

  @TempDir private Path directory;
  private final Random random = new Random(SEED);
  private ProjectionsStack stack;
  private Jdbi jdbi;
  private Map<String, String> environment;

  @BeforeEach
  void startStack() {
    stack = new ProjectionsStack(directory);
    jdbi = stack.jdbi();
    environment = stack.environment();
    environment.put("PROJECTIONS_STALLED_AFTER", "3s");
    environment.put("PROJECTIONS_BATCH_ROWS", "500");
    environment.put("KAFKA_CLIENT_SESSION_TIMEOUT_MS", "6000");
    environment.put("KAFKA_CLIENT_HEARTBEAT_INTERVAL_MS", "1000");
  }

  @AfterEach
  void stopStack() {
    stack.close();
  }

  @Test
  void losesAndDoublesNothingWhenItIsKilledInTheMiddleOfABatchAgainAndAgain() throws Exception {
    Set<String> accepted;
    try (RecordLoad load = RecordLoad.start(stack, SEED, 50)) {
      for (int round = 0; round < MOST_ROUNDS && deathsInTransactions() < 2; round++) {
        try (ProjectionsInstance victim =
            ProjectionsInstance.start(environment, directory, "victim" + round)) {
          await().atMost(TIMEOUT).until(victim::ready);
          awaitMovement();
          Thread.sleep(random.nextInt(400));
          awaitBatchInHand();
          victim.kill();
        }
      }
      accepted = Set.copyOf(load.stop());
    }
    try (ProjectionsInstance last = ProjectionsInstance.start(environment, directory, "last")) {
      awaitRows(accepted);
      assertThat(last.terminate()).isLessThan(Duration.ofSeconds(10));
    }
    assertThat(deathsInTransactions()).isPositive();
    assertEachOnce(accepted);
  }

  @Test
  void aFrozenInstanceThatWakesUpChangesNothing() throws Exception {
    Set<String> accepted;
    try (RecordLoad load = RecordLoad.start(stack, SEED, 50);
        ProjectionsInstance first = ProjectionsInstance.start(environment, directory, "first")) {
      await().atMost(TIMEOUT).until(first::ready);
      try (ProjectionsInstance second =
          ProjectionsInstance.start(environment, directory, "second")) {
        await().atMost(TIMEOUT).until(second::ready);
        for (int round = 0; round < 2; round++) {
          awaitMovement();
          Thread.sleep(random.nextInt(300));
          first.freeze();
          // Long enough to be thrown out of the group, and for the other to take over.
          Thread.sleep(9_000);
          awaitMovement();
          first.thaw();
          Thread.sleep(2_000);
        }
        accepted = Set.copyOf(load.stop());
        awaitRows(accepted);
        first.terminate();
        second.terminate();
      }
    }
    assertEachOnce(accepted);
  }

  /** Returns when some projection has moved since the call. */
  private void awaitMovement() {
    long before = written();
    await().atMost(TIMEOUT).pollInterval(Duration.ofMillis(20)).until(() -> written() > before);
  }

  /** Returns when rows are on their way into a table, or were a moment ago. */
  private void awaitBatchInHand() {
    await()
        .atMost(TIMEOUT)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(1))
        .until(() ->
            count(
                    "pg_stat_activity WHERE state <> 'idle' AND pid <> pg_backend_pid()"
                        + " AND query LIKE 'INSERT INTO%'")
                > 0);
  }

  /** What PostgreSQL has seen of clients that died between the first statement and the commit. */
  private long deathsInTransactions() {
    return stack
        .postgresLog()
        .lines()
        .filter(
            line -> line.contains("unexpected EOF on client connection with an open transaction"))
        .count();
  }

  private long written() {
    return jdbi.withHandle(handle ->
        handle
            .createQuery("SELECT coalesce(sum(next_offset), 0) FROM projection_offsets")
            .mapTo(Long.class)
            .one());
  }

  private void awaitRows(Set<String> accepted) {
    await()
        .atMost(TIMEOUT)
        .until(() ->
            count("usage_events") >= accepted.size()
                && count("requests WHERE finished_at IS NOT NULL AND deadline IS NOT NULL")
                    >= accepted.size());
  }

  private void assertEachOnce(Set<String> accepted) {
    assertThat(accepted).hasSizeGreaterThan(2_000);
    for (String table : List.of("usage_events", "requests")) {
      List<String> ids =
          jdbi.withHandle(handle ->
              handle
                  .createQuery("SELECT request_id::text FROM " + table)
                  .mapTo(String.class)
                  .list());
      assertThat(ids).doesNotHaveDuplicates();
      assertThat(new HashSet<>(ids)).isEqualTo(accepted);
    }
    assertThat(count("requests WHERE status <> 'completed' OR stream IS NULL")).isZero();
  }

  private long count(String from) {
    return jdbi.withHandle(
        handle -> handle.createQuery("SELECT count(*) FROM " + from).mapTo(Long.class).one());
  }
}
