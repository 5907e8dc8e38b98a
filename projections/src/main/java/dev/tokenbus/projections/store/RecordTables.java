package dev.tokenbus.projections.store;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;

/**
 * The tables that one kind of record is written to. The first table decides: a record from which it
 * takes no row, because it has that row already, adds nothing to the others.
 *
 * <p>Immutable and thread-safe.
 */
public final class RecordTables<T> {
  private final RowStatement<T> first;
  private final List<DependentTable<T, ?>> others;

  /**
   * @param others written in this order; projections that share tables must name them in one order,
   *     or their transactions can deadlock
   */
  public RecordTables(RowStatement<T> first, List<DependentTable<T, ?>> others) {
    this.first = first;
    this.others = List.copyOf(others);
  }

  /** The table that decides. */
  public RowStatement<T> first() {
    return first;
  }

  /** One for each table, in the order in which they are written. */
  public List<RowStatement<?>> statements() {
    return Stream.<RowStatement<?>>concat(
            Stream.of(first), others.stream().map(DependentTable::statement))
        .toList();
  }

  List<String> names() {
    return statements().stream().map(RowStatement::table).toList();
  }

  /**
   * Writes table by table, in few round trips. Where a key repeats, its first record is written to
   * all tables before its second record is written to any: no record overtakes an earlier one.
   *
   * @param records by key, in log order where keys are equal
   */
  void write(Handle handle, List<Sourced<T>> records) {
    List<Sourced<T>> round = records;
    while (!round.isEmpty()) {
      List<Sourced<T>> repeats = new ArrayList<>();
      writeDistinct(handle, firstOfEachKey(round, repeats));
      round = repeats;
    }
  }

  private void writeDistinct(Handle handle, List<Sourced<T>> records) {
    List<Sourced<T>> taken = first.write(handle, records);
    others.forEach(table -> table.write(handle, taken));
  }

  private static <T> List<Sourced<T>> firstOfEachKey(
      List<Sourced<T>> records, List<Sourced<T>> repeats) {
    List<Sourced<T>> distinct = new ArrayList<>(records.size());
    for (Sourced<T> record : records) {
      boolean repeat = !distinct.isEmpty() && distinct.getLast().id().equals(record.id());
      (repeat ? repeats : distinct).add(record);
    }
    return distinct;
  }
}
