package dev.tokenbus.projections;

import java.time.Clock;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Partitions of the tables by month of acceptance (UTC), made ahead of time and, for rows of any
 * other month, when they come.
 *
 * <p>Thread-safe, also across instances.
 */
final class MonthlyPartitions {
  static final List<String> TABLES = List.of("usage_events", "requests");

  private static final Logger log = LoggerFactory.getLogger(MonthlyPartitions.class);

  private final Jdbi jdbi;
  private final Clock clock;
  private final Set<Month> known = ConcurrentHashMap.newKeySet();

  MonthlyPartitions(Jdbi jdbi, Clock clock) {
    this.jdbi = jdbi;
    this.clock = clock;
  }

  /** Makes those of this month and the next. */
  void ensureAhead() {
    YearMonth now = YearMonth.from(clock.instant().atOffset(ZoneOffset.UTC));
    for (String table : TABLES) {
      make(new Month(table, now));
      make(new Month(table, now.plusMonths(1)));
    }
  }

  /** Makes those that hold the instants, unless they are known to be there. */
  void ensure(String table, Collection<Instant> acceptedAt) {
    Set<Month> months =
        acceptedAt.stream()
            .map(instant -> new Month(table, YearMonth.from(instant.atOffset(ZoneOffset.UTC))))
            .collect(Collectors.toSet());
    months.removeAll(known);
    months.forEach(this::make);
  }

  /** Believes nothing any more: somebody may have dropped partitions. */
  void forget() {
    known.clear();
  }

  private void make(Month month) {
    boolean made =
        jdbi.inTransaction(handle ->
            handle
                .createQuery("SELECT ensure_month_partition(?, ?)")
                .bind(0, month.table())
                .bind(1, month.month().atDay(1))
                .mapTo(Boolean.class)
                .one());
    known.add(month);
    if (made) {
      log.atInfo()
          .addKeyValue("table", month.table())
          .addKeyValue("month", month.month())
          .log("made a partition");
    }
  }

  private record Month(String table, YearMonth month) {}
}
