package dev.tokenbus.projections;

import java.util.List;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * Writes rows of one table. What is there already stays, except for what {@code onConflict} says.
 *
 * <p>Immutable and thread-safe.
 */
final class RowStatement<T> {
  private final String table;
  private final List<Column<T>> columns;
  private final String sql;

  /**
   * @param onConflict what happens to a row that is there: {@code DO NOTHING} or {@code DO UPDATE
   *     …}
   */
  RowStatement(String table, List<Column<T>> columns, String onConflict) {
    this.table = table;
    this.columns = List.copyOf(columns);
    sql =
        "INSERT INTO %s (%s) VALUES (%s) ON CONFLICT (request_id, accepted_at) %s"
            .formatted(
                table,
                columns.stream().map(Column::name).collect(Collectors.joining(", ")),
                columns.stream().map(Column::placeholder).collect(Collectors.joining(", ")),
                onConflict);
  }

  String table() {
    return table;
  }

  List<Column<T>> columns() {
    return columns;
  }

  /**
   * Writes in the order of the list.
   *
   * @return how many rows were inserted or changed; repeats do not count
   */
  int write(Handle handle, List<Sourced<T>> rows) {
    if (rows.isEmpty()) {
      return 0;
    }
    int written = 0;
    try (PreparedBatch batch = handle.prepareBatch(sql)) {
      for (Sourced<T> row : rows) {
        batch.add(valuesOf(row));
      }
      for (int count : batch.execute()) {
        written += count;
      }
    }
    return written;
  }

  private Object[] valuesOf(Sourced<T> row) {
    Object[] values = new Object[columns.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = columns.get(i).value().apply(row);
    }
    return values;
  }
}
