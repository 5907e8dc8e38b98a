package dev.tokenbus.chaos.fleet;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;

/** Fleets whose processes are shell scripts; there is no PostgreSQL server. */
public final class FakeFleet {
  private FakeFleet() {}

  /** Processes that are ready at once and run until they are stopped. */
  public static Fleet of(Path directory) throws IOException {
    return of(directory, "echo ready; exec sleep 600");
  }

  /**
   * Processes that do not stop in time after 0.7 s.
   *
   * @param body what each does; its role is {@code $1}
   */
  static Fleet of(Path directory, String body) throws IOException {
    return new Fleet(
        launcher(directory.resolve("tokenbus"), body),
        directory.resolve("home"),
        directory.resolve("catalogue.yaml"),
        List.of(1, 2),
        directory,
        line -> {},
        Duration.ofMillis(700));
  }

  static ProcessLauncher launcher(Path script, String body) throws IOException {
    Files.writeString(script, "#!/bin/sh\n" + body + "\n");
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
    return ProcessLauncher.ofCheckout(script);
  }
}
