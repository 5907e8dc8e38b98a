package dev.tokenbus.projections.store;

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
 * Creates the tables' partitions by month of acceptance (UTC): this month's and the next ahead of
 * time, any other when a row needs it.
 *
 * <p>Thread-safe, also across instances.
 */
public final class MonthlyPartitions {
  private static final List<String> TABLES = List.of("usage_events", "usage_attempts", "requests");

  private static final Logger log = LoggerFactory.getLogger(MonthlyPartitions.class);

  private final Jdbi jdbi;
  private final Clock clock;
  private final Set<Month> known = ConcurrentHashMap.newKeySet();

  public MonthlyPartitions(Jdbi jdbi, Clock clock) {
    this.jdbi = jdbi;
    this.clock = clock;
  }

  /**
   * Creates the partitions of this month and the next.
   *
   * @throws org.jdbi.v3.core.JdbiException if the database is away
   */
  public void ensureAhead() {
    YearMonth now = YearMonth.from(clock.instant().atOffset(ZoneOffset.UTC));
    for (String table : TABLES) {
      create(new Month(table, now));
      create(new Month(table, now.plusMonths(1)));
    }
  }

  /** Creates the partitions that hold the instants, unless they are known to exist. */
  void ensure(Collection<String> tables, Collection<Instant> acceptedAt) {
    Set<YearMonth> needed =
        acceptedAt.stream()
            .map(instant -> YearMonth.from(instant.atOffset(ZoneOffset.UTC)))
            .collect(Collectors.toSet());
    Set<Month> months =
        tables.stream()
            .flatMap(table -> needed.stream().map(month -> new Month(table, month)))
            .collect(Collectors.toSet());
    months.removeAll(known);
    months.forEach(this::create);
  }

  /** Forgets which partitions exist, because somebody may have dropped one. */
  void forget() {
    known.clear();
  }

  private void create(Month month) {
    boolean created =
        jdbi.inTransaction(handle ->
            handle
                .createQuery("SELECT ensure_month_partition(?, ?)")
                .bind(0, month.table())
                .bind(1, month.month().atDay(1))
                .mapTo(Boolean.class)
                .one());
    known.add(month);
    if (created) {
      log.atInfo()
          .addKeyValue("table", month.table())
          .addKeyValue("month", month.month())
          .log("month partition created");
    }
  }

  private record Month(String table, YearMonth month) {}
}
