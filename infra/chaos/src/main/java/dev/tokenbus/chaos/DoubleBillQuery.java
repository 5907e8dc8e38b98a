package dev.tokenbus.chaos;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

/**
 * Finds requests that were billed more than once: a client that repeats a request under its
 * idempotency key must get, and pay for, the first one only.
 */
final class DoubleBillQuery {
  private static final String QUERY =
      """
      SELECT r.idempotency_key, string_agg(r.request_id::text, ', ' ORDER BY r.request_id)
      FROM requests r JOIN usage_events u USING (request_id)
      WHERE r.idempotency_key IS NOT NULL AND u.billed_attempt IS NOT NULL
      GROUP BY r.idempotency_key HAVING count(*) > 1
      ORDER BY 1\
      """;

  private DoubleBillQuery() {}

  /** Returns one line for each such key. */
  static List<String> find(DataSource database) {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(QUERY)) {
      List<String> lines = new ArrayList<>();
      while (row.next()) {
        lines.add("idempotency key %s: %s".formatted(row.getString(1), row.getString(2)));
      }
      return lines;
    } catch (SQLException e) {
      throw new IllegalStateException("The database does not answer: " + e.getMessage(), e);
    }
  }
}
