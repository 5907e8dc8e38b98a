package dev.tokenbus.projections.store;

import java.time.Duration;

/**
 * Where the database is and how many connections it is given.
 *
 * @param url {@code postgresql://user:password@host:port/database}, as psql takes it
 * @param maxConnections the pool's largest size; each consumer holds one connection while it writes
 * @param minConnections kept open when idle
 * @param maxConnectionLifetime after which a connection is replaced
 * @param maxConnectionIdleTime after which a connection beyond {@code minConnections} is closed
 * @param stalledAfter after which PostgreSQL ends an idle transaction, so that an instance that was
 *     frozen in the middle of a batch does not block its successor
 */
public record DatabaseSettings(
    String url,
    int maxConnections,
    int minConnections,
    Duration maxConnectionLifetime,
    Duration maxConnectionIdleTime,
    Duration stalledAfter) {
  private static final int MOST_CONNECTIONS = 1_000;

  public DatabaseSettings {
    DatabaseUrl.parse(url);
    requireRange("DATABASE_POOL_MAX_CONNS", maxConnections, 1, MOST_CONNECTIONS);
    requireRange("DATABASE_POOL_MIN_CONNS", minConnections, 0, maxConnections);
    requireAtLeast(
        "DATABASE_POOL_MAX_CONN_LIFETIME", maxConnectionLifetime, Duration.ofSeconds(30));
    requireAtLeast(
        "DATABASE_POOL_MAX_CONN_IDLE_TIME", maxConnectionIdleTime, Duration.ofSeconds(10));
    requireAtLeast("PROJECTIONS_STALLED_AFTER", stalledAfter, Duration.ofSeconds(1));
  }

  /** Hides the password. */
  @Override
  public String toString() {
    return "DatabaseSettings[" + DatabaseUrl.parse(url) + "]";
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
