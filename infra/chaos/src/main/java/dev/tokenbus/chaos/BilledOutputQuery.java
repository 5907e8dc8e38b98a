package dev.tokenbus.chaos;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import javax.sql.DataSource;

/** Reads how many tokens of output were billed for each request of a client. */
final class BilledOutputQuery {
  private static final String QUERY =
      """
      SELECT r.idempotency_key, sum(u.total_output_tokens)::bigint
      FROM requests r JOIN usage_events u USING (request_id)
      WHERE r.idempotency_key IS NOT NULL
      GROUP BY r.idempotency_key\
      """;

  private BilledOutputQuery() {}

  /** Returns the tokens by idempotency key, repetitions of the request included. */
  static Map<String, Long> read(DataSource database) {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(QUERY)) {
      Map<String, Long> tokens = new HashMap<>();
      while (row.next()) {
        tokens.put(row.getString(1), row.getLong(2));
      }
      return tokens;
    } catch (SQLException e) {
      throw new IllegalStateException("The database does not answer: " + e.getMessage(), e);
    }
  }
}
