package dev.tokenbus.projections.store;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * Inserts rows into one table. A row that exists is changed only as {@code onConflict} says.
 *
 * <p>Immutable and thread-safe.
 */
public final class RowStatement<K, T> {
  private final String table;
  private final List<Column<K, T>> columns;
  private final String sql;

  /**
   * @param key columns of the primary key
   * @param onConflict what happens to a row that exists: {@code DO NOTHING} or {@code DO UPDATE …}
   */
  public RowStatement(
      String table, List<String> key, List<Column<K, T>> columns, String onConflict) {
    this.table = table;
    this.columns = List.copyOf(columns);
    sql =
        "INSERT INTO %s (%s) VALUES (%s) ON CONFLICT (%s) %s"
            .formatted(
                table,
                columns.stream().map(Column::name).collect(Collectors.joining(", ")),
                columns.stream().map(Column::placeholder).collect(Collectors.joining(", ")),
                String.join(", ", key),
                onConflict);
  }

  /** The table's name. */
  public String table() {
    return table;
  }

  /** The columns, in the order of the INSERT statement. */
  public List<Column<K, T>> columns() {
    return columns;
  }

  /**
   * Inserts in the order of the list.
   *
   * @return the records whose row was inserted or changed; a repeat changes nothing
   */
  List<Sourced<K, T>> write(Handle handle, List<Sourced<K, T>> rows) {
    if (rows.isEmpty()) {
      return List.of();
    }
    List<Sourced<K, T>> taken = new ArrayList<>(rows.size());
    try (PreparedBatch batch = handle.prepareBatch(sql)) {
      for (Sourced<K, T> row : rows) {
        batch.add(valuesOf(row));
      }
      int[] counts = batch.execute();
      for (int i = 0; i < counts.length; i++) {
        if (counts[i] > 0) {
          taken.add(rows.get(i));
        }
      }
    }
    return taken;
  }

  private Object[] valuesOf(Sourced<K, T> row) {
    Object[] values = new Object[columns.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = columns.get(i).value().apply(row);
    }
    return values;
  }
}
