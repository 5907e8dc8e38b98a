package dev.tokenbus.projections.store;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.apache.kafka.common.TopicPartition;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;

/**
 * Writes a batch and the offsets behind it in one transaction: both or neither. A record's rows in
 * several tables stand or fall together, and records are written in the order of their {@link
 * RecordTables}.
 *
 * <p>Thread-safe.
 */
public final class BatchWriter<K, T> {
  private static final String SAVEPOINT = "row";

  private final RecordTables<K, T> tables;
  private final Jdbi jdbi;
  private final OffsetLedger ledger;
  private final MonthlyPartitions months;
  private final DeadLetterSink deadLetters;

  public BatchWriter(
      RecordTables<K, T> tables,
      Jdbi jdbi,
      OffsetLedger ledger,
      MonthlyPartitions months,
      DeadLetterSink deadLetters) {
    this.tables = tables;
    this.jdbi = jdbi;
    this.ledger = ledger;
    this.months = months;
    this.deadLetters = deadLetters;
  }

  /**
   * Returns when the batch is committed and its refused records are dead letters.
   *
   * @param expected the stored offsets that the caller last saw
   * @throws FencedException if a stored offset is another one; nothing is written
   * @throws RuntimeException if the database or the broker is away; only the stored offsets tell
   *     whether the batch was committed
   */
  public void write(Batch<K, T> batch, Map<TopicPartition, Long> expected) {
    months.ensure(tables.names(), tables.months(batch.rows()));
    try {
      transact(
          batch,
          expected,
          handle -> {
            tables.write(handle, batch.rows());
            return batch.refused();
          });
    } catch (JdbiException e) {
      if (dataError(e).isEmpty()) {
        throw e;
      }
      // One row is at fault, which must not block the others, or a month partition was dropped.
      months.forget();
      months.ensure(tables.names(), tables.months(batch.rows()));
      transact(batch, expected, handle -> writeOneByOne(handle, batch));
    }
  }

  private void transact(
      Batch<K, T> batch, Map<TopicPartition, Long> expected, Function<Handle, List<Refused>> rows) {
    jdbi.useTransaction(handle -> {
      advanceAll(handle, batch, expected);
      List<Refused> refused = rows.apply(handle);
      if (!refused.isEmpty()) {
        deadLetters.publish(refused);
      }
    });
  }

  private void advanceAll(Handle handle, Batch<K, T> batch, Map<TopicPartition, Long> expected) {
    List<TopicPartition> inLockOrder =
        batch.partitions().stream()
            .sorted(Comparator.comparingInt(TopicPartition::partition))
            .toList();
    for (TopicPartition partition : inLockOrder) {
      long from = expected.getOrDefault(partition, -1L);
      long next = batch.next().getOrDefault(partition, -1L);
      if (!ledger.advance(handle, partition, from, next)) {
        throw new FencedException(partition, from);
      }
    }
  }

  private List<Refused> writeOneByOne(Handle handle, Batch<K, T> batch) {
    List<Refused> refused = new ArrayList<>(batch.refused());
    for (Sourced<K, T> row : tables.inOrder(batch.rows())) {
      handle.savepoint(SAVEPOINT);
      try {
        tables.write(handle, List.of(row));
        handle.releaseSavepoint(SAVEPOINT);
      } catch (JdbiException e) {
        SQLException error = dataError(e).orElseThrow(() -> e);
        handle.rollbackToSavepoint(SAVEPOINT);
        refused.add(
            new Refused(
                row.partition(),
                row.offset(),
                new IllegalArgumentException(
                    "PostgreSQL refuses the row ("
                        + error.getSQLState()
                        + "): "
                        + error.getMessage(),
                    error)));
      }
    }
    return refused;
  }

  /**
   * The error, if the row is at fault: SQLSTATE classes 22 (data exception), 23 (integrity
   * constraint violation) and 54 (program limit exceeded). It is the innermost one, because outer
   * messages repeat the whole row.
   */
  private static Optional<SQLException> dataError(Throwable thrown) {
    Optional<SQLException> innermost = Optional.empty();
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql && sql.getSQLState() != null) {
        innermost = Optional.of(sql);
      }
    }
    return innermost.filter(error -> isAboutData(error.getSQLState()));
  }

  private static boolean isAboutData(String sqlState) {
    return sqlState.startsWith("22") || sqlState.startsWith("23") || sqlState.startsWith("54");
  }
}
