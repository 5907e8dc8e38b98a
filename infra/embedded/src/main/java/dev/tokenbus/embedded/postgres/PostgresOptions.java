package dev.tokenbus.embedded.postgres;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The server settings of a small database on a machine that has more to do.
 *
 * <p>Names and meanings: <a
 * href="https://www.postgresql.org/docs/18/runtime-config.html">PostgreSQL 18, server
 * configuration</a>. Durability is PostgreSQL's own: what was committed survives.
 */
public final class PostgresOptions {
  private static final Map<String, String> FIXED =
      Map.ofEntries(
          Map.entry("listen_addresses", "127.0.0.1"),
          Map.entry("unix_socket_directories", ""),
          Map.entry("shared_buffers", "32MB"),
          Map.entry("max_connections", "50"),
          Map.entry("max_wal_size", "256MB"),
          // Three worker processes fewer than the default.
          Map.entry("io_method", "sync"),
          Map.entry("max_worker_processes", "2"),
          Map.entry("max_parallel_workers", "0"),
          Map.entry("max_logical_replication_workers", "0"),
          Map.entry("max_wal_senders", "0"),
          Map.entry("autovacuum_max_workers", "1"),
          Map.entry("autovacuum_worker_slots", "1"),
          Map.entry("jit", "off"),
          Map.entry("timezone", "UTC"),
          Map.entry("log_timezone", "UTC"));

  private PostgresOptions() {}

  /** As {@code pg_ctl --options} takes them. */
  public static String of(PostgresSettings settings, int port) {
    Map<String, String> options = new TreeMap<>(FIXED);
    options.put("port", String.valueOf(port));
    options.putAll(settings.overrides());
    return options.entrySet().stream()
        .map(option -> "-c %s='%s'".formatted(option.getKey(), option.getValue()))
        .collect(Collectors.joining(" "));
  }
}
