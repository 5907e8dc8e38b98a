package dev.tokenbus.projections.store;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;

/**
 * A table that gets any number of rows from a record, in the same transaction as the record's row
 * in its first table.
 *
 * @param values what to make rows of, in the order of the table's key
 */
public record DependentTable<K, T, R>(RowStatement<K, R> statement, Function<T, List<R>> values) {

  void write(Handle handle, List<Sourced<K, T>> records) {
    List<Sourced<K, R>> rows = new ArrayList<>();
    for (Sourced<K, T> record : records) {
      for (R value : values.apply(record.value())) {
        rows.add(new Sourced<>(record.key(), value, record.partition(), record.offset()));
      }
    }
    statement.write(handle, rows);
  }
}
