package dev.tokenbus.projections.query;

import dev.tokenbus.projections.store.DatabaseUrl;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.mapper.RowMapper;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Queries the usage table. Each call opens a connection and closes it.
 *
 * <p>Thread-safe.
 */
public final class UsageQuery {
  private static final int CONNECT_TIMEOUT_SECONDS = 5;
  private static final RowMapper<UsageEvent> EVENT =
      (row, context) ->
          new UsageEvent(
              row.getObject("request_id", UUID.class),
              row.getTimestamp("accepted_at").toInstant(),
              row.getTimestamp("finished_at").toInstant(),
              row.getString("tenant"),
              row.getString("key_id"),
              row.getString("model"),
              row.getString("provider"),
              row.getString("status"),
              row.getString("error_code"),
              row.getInt("attempts"),
              row.getLong("input_tokens"),
              row.getLong("output_tokens"),
              row.getString("usage_source"));
  private static final RowMapper<UsageTotal> TOTAL =
      (row, context) ->
          new UsageTotal(
              row.getObject("day", LocalDate.class),
              row.getString("tenant"),
              row.getString("model"),
              row.getLong("requests"),
              row.getLong("completed"),
              row.getLong("input_tokens"),
              row.getLong("output_tokens"));

  private final Jdbi jdbi;

  /**
   * @param databaseUrl {@code postgresql://user:password@host:port/database}, as psql takes it
   * @throws IllegalArgumentException if it is not
   */
  public UsageQuery(String databaseUrl) {
    PGSimpleDataSource source = DatabaseUrl.parse(databaseUrl).dataSource();
    source.setConnectTimeout(CONNECT_TIMEOUT_SECONDS);
    jdbi = Jdbi.create(source);
  }

  /**
   * The latest bills, latest first.
   *
   * @throws org.jdbi.v3.core.JdbiException if the database is away or has no such table yet
   */
  public List<UsageEvent> latest(int limit) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                SELECT request_id, accepted_at, finished_at, tenant, key_id,
                  coalesce(model, model_asked) AS model, provider, status, error_code, attempts,
                  total_input_tokens AS input_tokens, total_output_tokens AS output_tokens,
                  usage_source
                FROM usage_events
                ORDER BY request_id DESC -- by time, from the primary key
                LIMIT :limit\
                """)
            .bind("limit", limit)
            .map(EVENT)
            .list());
  }

  /**
   * Totals of the days, latest day first, then by tenant and model.
   *
   * @param from first day, UTC
   * @param to last day, UTC
   * @throws org.jdbi.v3.core.JdbiException if the database is away or has no such table yet
   */
  public List<UsageTotal> totals(LocalDate from, LocalDate to) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                SELECT (accepted_at AT TIME ZONE 'UTC')::date AS day, tenant,
                  coalesce(model, model_asked) AS model, count(*) AS requests,
                  count(*) FILTER (WHERE status = 'completed') AS completed,
                  sum(total_input_tokens) AS input_tokens,
                  sum(total_output_tokens) AS output_tokens
                FROM usage_events
                WHERE accepted_at >= :from AND accepted_at < :end -- reads these months only
                GROUP BY 1, 2, 3 ORDER BY 1 DESC, 2, 3\
                """)
            .bind("from", from.atStartOfDay().atOffset(ZoneOffset.UTC))
            .bind("end", to.plusDays(1).atStartOfDay().atOffset(ZoneOffset.UTC))
            .map(TOTAL)
            .list());
  }
}
