package dev.tokenbus.embedded;

import java.nio.file.Path;

/**
 * Where an {@link EmbeddedRegistry} lives and listens.
 *
 * @param directory holds the schemas; created if absent, kept for the next start
 * @param logFile what the server prints; the log of the run before is kept beside it
 * @param port on 127.0.0.1; 0 takes a free one
 */
public record RegistrySettings(Path directory, Path logFile, int port) {
  public RegistrySettings {
    directory = directory.toAbsolutePath().normalize();
    logFile = logFile.toAbsolutePath().normalize();
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port must be from 0 to 65535, was " + port);
    }
    if (directory.toString().contains(";")) {
      throw new IllegalArgumentException(
          "the registry cannot work in a directory with ';': " + directory);
    }
  }

  /** Everything under {@code directory}, on a free port. */
  public static RegistrySettings in(Path directory) {
    return new RegistrySettings(directory, directory.resolve("registry.log"), 0);
  }

  public RegistrySettings withPort(int newPort) {
    return new RegistrySettings(directory, logFile, newPort);
  }

  public RegistrySettings withLogFile(Path newLogFile) {
    return new RegistrySettings(directory, newLogFile, port);
  }

  Path pidFile() {
    return directory.resolve("registry.pid");
  }

  /** On the server's command line, so that its process can be told from any other. */
  String marker() {
    return "-Dtokenbus.registry.directory=" + directory;
  }
}
