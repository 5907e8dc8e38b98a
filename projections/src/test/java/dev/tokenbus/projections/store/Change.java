package dev.tokenbus.projections.store;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * A record that replaces its key's row in one table and adds {@code parts} rows to another.
 *
 * @param step counts the changes of its log
 * @param fault which of its rows PostgreSQL refuses
 */
record Change(int step, int parts, Fault fault) {
  enum Fault {
    NONE,
    FIRST_TABLE,
    LAST_ROW_OF_OTHER_TABLE;

    static Fault any(Random random) {
      return random.nextBoolean() ? FIRST_TABLE : LAST_ROW_OF_OTHER_TABLE;
    }
  }

  /** One row of the second table. */
  record Part(int step, int part, boolean refused) {}

  List<Part> rows() {
    return IntStream.range(0, parts)
        .mapToObj(part ->
            new Part(step, part, fault == Fault.LAST_ROW_OF_OTHER_TABLE && part == parts - 1))
        .toList();
  }
}
