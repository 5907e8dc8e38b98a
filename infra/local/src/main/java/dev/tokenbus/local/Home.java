package dev.tokenbus.local;

import dev.tokenbus.runtime.AppMain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The directory in which a local installation keeps everything: data, key, addresses and logs. Its
 * owner alone can read it.
 *
 * @param directory absolute; created on first use
 */
public record Home(Path directory) {
  /** Names the directory if no option does. */
  public static final String VARIABLE = AppMain.HOME;

  public Home {
    directory = directory.toAbsolutePath().normalize();
  }

  /** Creates the directory unless it exists. */
  public void create() {
    try {
      if (!Files.isDirectory(directory)) {
        Files.createDirectories(directory);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The home directory " + directory + " cannot be made: " + e, e);
    }
  }

  /** Holds the process id and the address of the process that runs here. */
  Path lockFile() {
    return directory.resolve("lock");
  }

  Path keyFile() {
    return directory.resolve("key");
  }

  Path endpointsFile() {
    return directory.resolve("endpoints.env");
  }

  /** What apps keep on disk and can rebuild from topics. */
  public Path stateDirectory() {
    return AppMain.stateDirectory(directory);
  }

  /** Where this process logs to. */
  public Path logFile() {
    return directory.resolve("logs").resolve("tokenbus.log");
  }
}
