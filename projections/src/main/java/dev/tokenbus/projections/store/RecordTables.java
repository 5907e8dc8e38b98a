package dev.tokenbus.projections.store;

import dev.tokenbus.projections.store.WriteOrder.ByKey;
import dev.tokenbus.projections.store.WriteOrder.OfTheLog;
import dev.tokenbus.schemas.RequestId;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * The tables that one kind of record is written to, and the order in which records are. The first
 * table decides: a record from which it takes no row, because it has that row already, adds nothing
 * to the others.
 *
 * <p>Immutable and thread-safe.
 *
 * @param <K> key of a record; its rows stand or fall by it
 * @param <T> value of a record
 */
public final class RecordTables<K, T> {
  private final RowStatement<K, T> first;
  private final List<DependentTable<K, T, ?>> others;
  private final WriteOrder<K> order;
  private final @Nullable Function<K, Instant> month;

  private RecordTables(
      RowStatement<K, T> first,
      List<DependentTable<K, T, ?>> others,
      WriteOrder<K> order,
      @Nullable Function<K, Instant> month) {
    this.first = first;
    this.others = List.copyOf(others);
    this.order = order;
    this.month = month;
  }

  /**
   * Tables of requests: partitioned by the month of acceptance, and written by request, so that
   * projections can share them.
   *
   * @param others written in this order; projections that share tables must name them in one order,
   *     or their transactions can deadlock
   */
  public static <T> RecordTables<RequestId, T> byRequest(
      RowStatement<RequestId, T> first, List<DependentTable<RequestId, T, ?>> others) {
    return new RecordTables<>(
        first, others, new ByKey<RequestId>(Comparator.naturalOrder()), RequestId::acceptedAt);
  }

  /**
   * Tables in which a row follows from those of earlier records, also of other keys. Each row must
   * be of one partition alone, or two transactions can deadlock; with several tables each record
   * costs round trips of its own.
   */
  public static <K, T> RecordTables<K, T> inLogOrder(
      RowStatement<K, T> first, List<DependentTable<K, T, ?>> others) {
    return new RecordTables<>(first, others, new OfTheLog<>(), null);
  }

  /**
   * The same tables, partitioned by month.
   *
   * @param time of a key; the tables must be known to {@link MonthlyPartitions}
   */
  public RecordTables<K, T> partitionedByMonthOf(Function<K, Instant> time) {
    return new RecordTables<>(first, others, order, time);
  }

  /** The table that decides. */
  public RowStatement<K, T> first() {
    return first;
  }

  /** One for each table, in the order in which they are written. */
  public List<RowStatement<K, ?>> statements() {
    return Stream.<RowStatement<K, ?>>concat(
            Stream.of(first), others.stream().map(DependentTable::statement))
        .toList();
  }

  List<String> names() {
    return statements().stream().map(RowStatement::table).toList();
  }

  /** The times of all months that must have their partitions before the records are written. */
  List<Instant> months(List<Sourced<K, T>> records) {
    Function<K, Instant> time = month;
    return time == null
        ? List.of()
        : records.stream().map(record -> time.apply(record.key())).toList();
  }

  /**
   * Writes a batch.
   *
   * @param records in log order
   */
  void write(Handle handle, List<Sourced<K, T>> records) {
    for (List<Sourced<K, T>> round : order.rounds(records, 1 + others.size())) {
      List<Sourced<K, T>> taken = first.write(handle, round);
      others.forEach(table -> table.write(handle, taken));
    }
  }

  /** The records in the order in which {@link #write} takes them. */
  List<Sourced<K, T>> inOrder(List<Sourced<K, T>> records) {
    return order.rounds(records, 1 + others.size()).stream().flatMap(List::stream).toList();
  }
}
