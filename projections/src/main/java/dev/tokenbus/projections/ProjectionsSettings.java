package dev.tokenbus.projections;

import dev.tokenbus.runtime.config.Addresses;
import java.time.Duration;
import java.time.format.DateTimeParseException;

/**
 * How a {@link ProjectionsApp} runs.
 *
 * @param databaseUrl {@code postgresql://user:password@host:port/database}, as psql takes it
 * @param maxConnections the pool's largest size; each consumer holds one connection while it writes
 * @param minConnections kept open when idle
 * @param maxConnectionLifetime after which a connection is replaced
 * @param maxConnectionIdleTime after which a connection beyond {@code minConnections} is closed
 * @param consumers consumers for each of the three topics in this instance
 * @param batchRows most rows in one transaction
 * @param batchWait how long the broker may collect records for a batch that is small; a row is this
 *     late at most when little is going on
 * @param stalledAfter after which PostgreSQL ends a transaction in which nothing happens, so that
 *     an instance that was frozen in the middle of a batch does not hold up the one that took over
 */
public record ProjectionsSettings(
    String databaseUrl,
    int maxConnections,
    int minConnections,
    Duration maxConnectionLifetime,
    Duration maxConnectionIdleTime,
    int consumers,
    int batchRows,
    Duration batchWait,
    Duration stalledAfter) {
  /** Projections, outcomes and beginnings; and one more connection for making partitions. */
  private static final int CONNECTIONS_BESIDE_CONSUMERS = 1;

  static final int TOPICS = 3;

  public ProjectionsSettings {
    DatabaseUrl.parse(databaseUrl);
    requireRange("PROJECTIONS_CONSUMERS", consumers, 1, 64);
    requireRange("PROJECTIONS_BATCH_ROWS", batchRows, 1, 10_000);
    requireRange(
        "DATABASE_POOL_MAX_CONNS",
        maxConnections,
        TOPICS * consumers + CONNECTIONS_BESIDE_CONSUMERS,
        1_000);
    requireRange("DATABASE_POOL_MIN_CONNS", minConnections, 0, maxConnections);
    requireAtLeast(
        "DATABASE_POOL_MAX_CONN_LIFETIME", maxConnectionLifetime, Duration.ofSeconds(30));
    requireAtLeast(
        "DATABASE_POOL_MAX_CONN_IDLE_TIME", maxConnectionIdleTime, Duration.ofSeconds(10));
    requireAtLeast("PROJECTIONS_BATCH_WAIT", batchWait, Duration.ZERO);
    requireAtLeast("PROJECTIONS_STALLED_AFTER", stalledAfter, Duration.ofSeconds(1));
  }

  /**
   * Reads {@code DATABASE_URL}, {@code DATABASE_POOL_MAX_CONNS} (5), {@code
   * DATABASE_POOL_MIN_CONNS} (1), {@code DATABASE_POOL_MAX_CONN_LIFETIME} (1h), {@code
   * DATABASE_POOL_MAX_CONN_IDLE_TIME} (30m), {@code PROJECTIONS_CONSUMERS} (1), {@code
   * PROJECTIONS_BATCH_ROWS} (2000), {@code PROJECTIONS_BATCH_WAIT} (0.2s) and {@code
   * PROJECTIONS_STALLED_AFTER} (20s). A large deployment has 20 connections at most and 5 at least.
   *
   * @throws IllegalArgumentException if a value makes no sense; the message names it
   * @throws IllegalStateException if there is no {@code DATABASE_URL}
   */
  public static ProjectionsSettings from(Addresses addresses) {
    return new ProjectionsSettings(
        addresses.databaseUrl(),
        number(addresses, "DATABASE_POOL_MAX_CONNS", 5),
        number(addresses, "DATABASE_POOL_MIN_CONNS", 1),
        duration(addresses, "DATABASE_POOL_MAX_CONN_LIFETIME", "1h"),
        duration(addresses, "DATABASE_POOL_MAX_CONN_IDLE_TIME", "30m"),
        number(addresses, "PROJECTIONS_CONSUMERS", 1),
        number(addresses, "PROJECTIONS_BATCH_ROWS", 2_000),
        duration(addresses, "PROJECTIONS_BATCH_WAIT", "0.2s"),
        duration(addresses, "PROJECTIONS_STALLED_AFTER", "20s"));
  }

  /** Hides the password. */
  @Override
  public String toString() {
    return "ProjectionsSettings[" + DatabaseUrl.parse(databaseUrl) + "]";
  }

  private static int number(Addresses addresses, String name, int otherwise) {
    String text = addresses.get(name).orElse(Integer.toString(otherwise));
    try {
      return Integer.parseInt(text.strip());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(name + " must be a whole number, was \"" + text + "\"", e);
    }
  }

  private static Duration duration(Addresses addresses, String name, String otherwise) {
    String text = addresses.get(name).orElse(otherwise);
    try {
      return Duration.parse("PT" + text.strip());
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException(
          name + " must be a duration like 1h, 30m or 0.2s, was \"" + text + "\"", e);
    }
  }

  private static void requireRange(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "%s must be from %d to %d, was %d".formatted(name, least, most, value));
    }
  }

  private static void requireAtLeast(String name, Duration value, Duration least) {
    if (value.compareTo(least) < 0) {
      throw new IllegalArgumentException(
          "%s must be at least %s, was %s".formatted(name, least, value));
    }
  }
}
