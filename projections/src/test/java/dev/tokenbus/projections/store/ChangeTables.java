package dev.tokenbus.projections.store;

import dev.tokenbus.schemas.RequestId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * Two tables for {@link Change}s. The second notes what the first held when its row was written, so
 * that it shows whether one record has overtaken another.
 */
final class ChangeTables {
  static final int NEVER = Integer.MAX_VALUE;

  private static final List<String> KEY = List.of("request_id", "accepted_at");

  private final AtomicInteger rowsUntilCrash = new AtomicInteger(NEVER);

  static void create(Handle handle) {
    handle.execute(
        """
        CREATE TABLE latest (
          request_id uuid, accepted_at timestamptz, step integer CHECK (step >= 0),
          PRIMARY KEY (request_id, accepted_at)) PARTITION BY RANGE (accepted_at)\
        """);
    handle.execute(
        """
        CREATE TABLE history (
          request_id uuid, accepted_at timestamptz, step integer, part integer CHECK (part >= 0),
          latest_step integer,
          PRIMARY KEY (request_id, accepted_at, step, part)) PARTITION BY RANGE (accepted_at)\
        """);
  }

  static void clear(Handle handle) {
    handle.execute("TRUNCATE latest, history, projection_offsets");
  }

  /** How many more rows are begun before the process dies. */
  void crashAfter(int rows) {
    rowsUntilCrash.set(rows);
  }

  RecordTables<RequestId, Change> all() {
    String ownLatest = "(SELECT step FROM latest WHERE request_id = ?)";
    return RecordTables.byRequest(
        latest(), List.of(new DependentTable<>(history(ownLatest), Change::rows)));
  }

  /** The second table notes the greatest step of all keys. */
  RecordTables<RequestId, Change> inLogOrder() {
    String latestOfAll = "(SELECT max(step) FROM latest WHERE CAST(? AS uuid) IS NOT NULL)";
    return RecordTables.inLogOrder(
            latest(),
            List.<DependentTable<RequestId, Change, ?>>of(
                new DependentTable<>(history(latestOfAll), Change::rows)))
        .partitionedByMonthOf(RequestId::acceptedAt);
  }

  private RowStatement<RequestId, Change> latest() {
    return new RowStatement<>(
        "latest",
        KEY,
        List.of(Column.requestId(), Column.acceptedAt(), Column.plain("step", this::stepOf)),
        "DO UPDATE SET step = excluded.step");
  }

  private RowStatement<RequestId, Change.Part> history(String latestStep) {
    return new RowStatement<>(
        "history",
        List.of("request_id", "accepted_at", "step", "part"),
        List.of(
            Column.requestId(),
            Column.acceptedAt(),
            Column.plain("step", Change.Part::step),
            Column.plain("part", this::partOf),
            new Column<>("latest_step", latestStep, row -> row.key().value())),
        "DO NOTHING");
  }

  static Map<UUID, Integer> latest(Jdbi jdbi) {
    Map<UUID, Integer> latest = new HashMap<>();
    jdbi.useHandle(handle ->
        handle
            .createQuery("SELECT request_id, step FROM latest")
            .map(
                (row, _) -> latest.put(row.getObject("request_id", UUID.class), row.getInt("step")))
            .list());
    return latest;
  }

  /** Step, part, and what the first table held. */
  static List<String> history(Jdbi jdbi) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery("SELECT step || '.' || part || ' at ' || latest_step FROM history")
            .mapTo(String.class)
            .list());
  }

  private int stepOf(Change change) {
    maybeCrash();
    return change.fault() == Change.Fault.FIRST_TABLE ? -1 : change.step();
  }

  private int partOf(Change.Part part) {
    maybeCrash();
    return part.refused() ? -1 : part.part();
  }

  private void maybeCrash() {
    if (rowsUntilCrash.getAndDecrement() == 0) {
      throw new SimulatedCrash();
    }
  }
}
