package dev.tokenbus.cli.terminal;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** A table whose columns are as wide as their widest cell. Not thread-safe. */
public final class Table {
  private final List<List<String>> rows = new ArrayList<>();
  private final Set<Integer> numbers;

  /**
   * Begins with the titles.
   *
   * @param numbers columns, from 0, that are aligned to the right
   */
  public Table(Set<Integer> numbers, String... titles) {
    this.numbers = Set.copyOf(numbers);
    rows.add(List.of(titles));
  }

  /** Adds a row with a cell for each title. */
  public void add(Object... cells) {
    if (cells.length != rows.getFirst().size()) {
      throw new IllegalArgumentException("A row has as many cells as there are titles");
    }
    rows.add(Arrays.stream(cells).map(String::valueOf).toList());
  }

  /** Prints the rows. */
  public void print(PrintStream out) {
    int columns = rows.getFirst().size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int column = 0; column < columns; column++) {
        widths[column] = Math.max(widths[column], row.get(column).length());
      }
    }
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int column = 0; column < columns; column++) {
        String padding = " ".repeat(widths[column] - row.get(column).length());
        String cell = row.get(column);
        line.append(numbers.contains(column) ? padding + cell : cell + padding).append("  ");
      }
      out.println(line.toString().stripTrailing());
    }
  }
}
