package dev.tokenbus.embedded.postgres;

import java.nio.file.Path;
import java.util.Map;

/**
 * Where an embedded PostgreSQL lives and listens.
 *
 * @param directory holds data, log and password; created if absent, kept for the next start
 * @param binaries where the server's programs are unpacked on the first start (60 MB); may be
 *     shared
 * @param logFile what the server prints is appended here
 * @param port on 127.0.0.1; 0 takes a free one
 * @param overrides server settings that win over ours, by PostgreSQL's names; values must need no
 *     quoting
 */
public record PostgresSettings(
    Path directory, Path binaries, Path logFile, int port, Map<String, String> overrides) {
  public PostgresSettings {
    directory = directory.toAbsolutePath().normalize();
    binaries = binaries.toAbsolutePath().normalize();
    logFile = logFile.toAbsolutePath().normalize();
    overrides = Map.copyOf(overrides);
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port must be from 0 to 65535, was " + port);
    }
    overrides.forEach((name, value) -> {
      if (!name.matches("[a-z_.]+") || !value.matches("[A-Za-z0-9_.,-]*")) {
        throw new IllegalArgumentException("not a plain PostgreSQL setting: " + name + "=" + value);
      }
    });
  }

  /** Everything under {@code directory}, on a free port. */
  public static PostgresSettings in(Path directory) {
    return new PostgresSettings(
        directory, directory.resolve("server"), directory.resolve("postgres.log"), 0, Map.of());
  }

  public PostgresSettings withPort(int newPort) {
    return new PostgresSettings(directory, binaries, logFile, newPort, overrides);
  }

  public PostgresSettings withLogFile(Path newLogFile) {
    return new PostgresSettings(directory, binaries, newLogFile, port, overrides);
  }

  public PostgresSettings withBinaries(Path newBinaries) {
    return new PostgresSettings(directory, newBinaries, logFile, port, overrides);
  }

  public PostgresSettings withOverrides(Map<String, String> newOverrides) {
    return new PostgresSettings(directory, binaries, logFile, port, newOverrides);
  }

  public Path data() {
    return directory.resolve("data");
  }

  Path passwordFile() {
    return directory.resolve("password");
  }
}
