package dev.tokenbus.projections;

import dev.tokenbus.projections.feed.FeedSettings;
import dev.tokenbus.projections.store.DatabaseSettings;
import dev.tokenbus.runtime.config.Addresses;
import java.time.Duration;
import java.time.format.DateTimeParseException;

/** How a {@link ProjectionsApp} runs. The text form hides the password. */
public record ProjectionsSettings(DatabaseSettings database, FeedSettings feed) {
  static final int TOPICS = 3;

  /** For making partitions ahead of time. */
  private static final int CONNECTIONS_BESIDE_CONSUMERS = 1;

  public ProjectionsSettings {
    int needed = TOPICS * feed.consumers() + CONNECTIONS_BESIDE_CONSUMERS;
    if (database.maxConnections() < needed) {
      throw new IllegalArgumentException(
          "DATABASE_POOL_MAX_CONNS must be from %d to 1000, was %d"
              .formatted(needed, database.maxConnections()));
    }
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
        new DatabaseSettings(
            addresses.databaseUrl(),
            number(addresses, "DATABASE_POOL_MAX_CONNS", 5),
            number(addresses, "DATABASE_POOL_MIN_CONNS", 1),
            duration(addresses, "DATABASE_POOL_MAX_CONN_LIFETIME", "1h"),
            duration(addresses, "DATABASE_POOL_MAX_CONN_IDLE_TIME", "30m"),
            duration(addresses, "PROJECTIONS_STALLED_AFTER", "20s")),
        new FeedSettings(
            number(addresses, "PROJECTIONS_CONSUMERS", 1),
            number(addresses, "PROJECTIONS_BATCH_ROWS", 2_000),
            duration(addresses, "PROJECTIONS_BATCH_WAIT", "0.2s")));
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
}
