package dev.tokenbus.embedded.postgres;

import dev.tokenbus.embedded.process.Command;
import dev.tokenbus.embedded.process.DirectoryTree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server's directory, brought from whatever the last run left to one that a server can start on.
 */
public final class PostgresDirectory {
  private static final Logger log = LoggerFactory.getLogger(PostgresDirectory.class);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(15);
  private static final int PASSWORD_BYTES = 16;

  private final PostgresSettings settings;
  private final PostgresPrograms programs;

  public PostgresDirectory(PostgresSettings settings, PostgresPrograms programs) {
    this.settings = settings;
    this.programs = programs;
  }

  /**
   * Makes the data directory unless there is one; a first start that was killed half-way counts for
   * nothing.
   */
  public void initialise() {
    if (Files.exists(settings.data())) {
      return;
    }
    Path unfinished = settings.directory().resolve("data.unfinished");
    DirectoryTree.delete(unfinished);
    programs.initialise(unfinished, settings.passwordFile());
    try {
      Files.move(unfinished, settings.data(), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot create " + settings.data(), e);
    }
  }

  /**
   * The superuser's password, made on the first call on a directory. Hex, so that it can stand in a
   * URL.
   */
  public String password() {
    Path file = settings.passwordFile();
    try {
      if (!Files.exists(file)) {
        byte[] bytes = new byte[PASSWORD_BYTES];
        new SecureRandom().nextBytes(bytes);
        writeForOwner(file, HexFormat.of().formatHex(bytes));
      }
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read or write " + file, e);
    }
  }

  /** Stops a server that outlived the JVM that started it, and removes what a killed one left. */
  public void clear() {
    PostmasterFile postmaster = PostmasterFile.in(settings.data());
    Optional<ProcessHandle> orphan = postmaster.server();
    if (orphan.isPresent()) {
      log.atWarn()
          .addKeyValue("pid", orphan.get().pid())
          .addKeyValue("directory", settings.directory())
          .log("stopping a PostgreSQL server that outlived its parent");
      stop();
    } else {
      // Left in place, a stale file stops the next server as soon as the system gives its process
      // id to another program.
      DirectoryTree.deleteIfPresent(postmaster.path());
    }
  }

  /** Fast, then hard: both lose nothing that was committed. */
  public void stop() {
    Command.Result fast = programs.stop(settings.data(), "fast", STOP_TIMEOUT);
    if (fast.exitCode() != 0 && PostmasterFile.in(settings.data()).server().isPresent()) {
      log.atWarn()
          .addKeyValue("directory", settings.directory())
          .addKeyValue("output", fast.output())
          .log("PostgreSQL did not stop in time and is stopped as in a crash");
      Command.Result immediate = programs.stop(settings.data(), "immediate", STOP_TIMEOUT);
      if (immediate.exitCode() != 0) {
        throw new IllegalStateException(
            "PostgreSQL in " + settings.directory() + " does not stop: " + immediate.output());
      }
    }
  }

  private static void writeForOwner(Path file, String contents) throws IOException {
    FileAttribute<?> ownerOnly =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    Path unfinished = file.resolveSibling(file.getFileName() + ".unfinished");
    Files.deleteIfExists(unfinished);
    Files.createFile(unfinished, ownerOnly);
    Files.writeString(unfinished, contents);
    Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
