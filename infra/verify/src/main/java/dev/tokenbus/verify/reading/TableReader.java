package dev.tokenbus.verify.reading;

import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.RequestStatus;
import dev.tokenbus.verify.ledger.Bill;
import dev.tokenbus.verify.ledger.Entry;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads one snapshot of the projections' tables, row by row. Tables that no projection has created
 * yet count as empty.
 *
 * <p>Thread-safe.
 */
public final class TableReader {
  private static final int FETCH_ROWS = 1_000;
  private static final String IN_FLIGHT = "in_flight";

  private final DataSource database;

  public TableReader(DataSource database) {
    this.database = database;
  }

  /**
   * Passes every row to the ledger.
   *
   * @return the offsets up to which rows were written
   * @throws IllegalStateException if the database does not answer
   */
  ProjectedOffsets read(Consumer<Entry> ledger) {
    try (Connection connection = database.getConnection()) {
      // One snapshot for rows and offsets. The driver fetches in portions only within a
      // transaction.
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      connection.setReadOnly(true);
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement()) {
        statement.setFetchSize(FETCH_ROWS);
        if (!exists(statement)) {
          return ProjectedOffsets.NOTHING;
        }
        readUsage(statement, ledger);
        readRequests(statement, ledger);
        return readOffsets(statement);
      }
    } catch (SQLException e) {
      throw new IllegalStateException("The database does not answer: " + e.getMessage(), e);
    }
  }

  private static boolean exists(Statement statement) throws SQLException {
    try (ResultSet found =
        statement.executeQuery(
            "SELECT to_regclass('usage_events') IS NOT NULL AND to_regclass('requests') IS NOT NULL")) {
      return found.next() && found.getBoolean(1);
    }
  }

  private static void readUsage(Statement statement, Consumer<Entry> ledger) throws SQLException {
    try (ResultSet row =
        statement.executeQuery(
            """
            SELECT request_id, status, coalesce(billed_attempt, 0),
              total_input_tokens, total_output_tokens
            FROM usage_events\
            """)) {
      while (row.next()) {
        ledger.accept(
            new Entry.UsageRow(
                requestId(row),
                new Bill(status(row.getString(2)), row.getInt(3), row.getLong(4), row.getLong(5))));
      }
    }
  }

  private static void readRequests(Statement statement, Consumer<Entry> ledger)
      throws SQLException {
    try (ResultSet row = statement.executeQuery("SELECT request_id, status FROM requests")) {
      while (row.next()) {
        String status = row.getString(2);
        ledger.accept(
            new Entry.RequestRow(
                requestId(row),
                status.equals(IN_FLIGHT) ? Optional.empty() : Optional.of(status(status))));
      }
    }
  }

  private static ProjectedOffsets readOffsets(Statement statement) throws SQLException {
    Map<TopicPartition, Long> offsets = new HashMap<>();
    try (ResultSet row =
        statement.executeQuery("SELECT topic, partition, next_offset FROM projection_offsets")) {
      while (row.next()) {
        offsets.merge(
            new TopicPartition(row.getString(1), row.getInt(2)), row.getLong(3), Math::min);
      }
    }
    return new ProjectedOffsets(offsets);
  }

  private static RequestId requestId(ResultSet row) throws SQLException {
    return new RequestId(row.getObject(1, UUID.class));
  }

  private static RequestStatus status(String word) {
    return RequestStatus.valueOf(word.toUpperCase(Locale.ROOT));
  }
}
