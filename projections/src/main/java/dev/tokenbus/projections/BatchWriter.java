package dev.tokenbus.projections;

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
 * Writes a batch and the offsets behind it in one transaction: both or neither.
 *
 * <p>Thread-safe.
 */
final class BatchWriter<T> {
  private static final String SAVEPOINT = "row";

  private final RowStatement<T> statement;
  private final Jdbi jdbi;
  private final OffsetLedger ledger;
  private final MonthlyPartitions months;
  private final DeadLetters deadLetters;

  BatchWriter(
      RowStatement<T> statement,
      Jdbi jdbi,
      OffsetLedger ledger,
      MonthlyPartitions months,
      DeadLetters deadLetters) {
    this.statement = statement;
    this.jdbi = jdbi;
    this.ledger = ledger;
    this.months = months;
    this.deadLetters = deadLetters;
  }

  /**
   * Returns when the batch is committed. What cannot be written is a dead letter by then.
   *
   * @param expected where the caller believes the batch's partitions stand
   * @throws FencedException if one of them stands elsewhere; nothing is written
   * @throws RuntimeException if the database or the broker is away; whether the batch is written
   *     can only be told by reading the offsets again
   */
  void write(Batch<T> batch, Map<TopicPartition, Long> expected) {
    months.ensure(statement.table(), batch.acceptedAt());
    try {
      transact(
          batch,
          expected,
          handle -> {
            statement.write(handle, batch.rows());
            return batch.refused();
          });
    } catch (JdbiException e) {
      if (dataError(e).isEmpty()) {
        throw e;
      }
      // Either one row is at fault, which must not hold up the others, or a partition was dropped.
      months.forget();
      months.ensure(statement.table(), batch.acceptedAt());
      transact(batch, expected, handle -> writeOneByOne(handle, batch));
    }
  }

  private void transact(
      Batch<T> batch, Map<TopicPartition, Long> expected, Function<Handle, List<Refused>> rows) {
    jdbi.useTransaction(handle -> {
      advanceAll(handle, batch, expected);
      List<Refused> refused = rows.apply(handle);
      if (!refused.isEmpty()) {
        deadLetters.publish(refused);
      }
    });
  }

  private void advanceAll(Handle handle, Batch<T> batch, Map<TopicPartition, Long> expected) {
    List<TopicPartition> inOneOrder =
        batch.partitions().stream()
            .sorted(Comparator.comparingInt(TopicPartition::partition))
            .toList();
    for (TopicPartition partition : inOneOrder) {
      long from = expected.getOrDefault(partition, -1L);
      long next = batch.next().getOrDefault(partition, -1L);
      if (!ledger.advance(handle, partition, from, next)) {
        throw new FencedException(partition, from);
      }
    }
  }

  private List<Refused> writeOneByOne(Handle handle, Batch<T> batch) {
    List<Refused> refused = new ArrayList<>(batch.refused());
    for (Sourced<T> row : batch.rows()) {
      handle.savepoint(SAVEPOINT);
      try {
        statement.write(handle, List.of(row));
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
   * constraint violation) and 54 (program limit exceeded). The innermost, because the messages of
   * those around it repeat the whole row.
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
