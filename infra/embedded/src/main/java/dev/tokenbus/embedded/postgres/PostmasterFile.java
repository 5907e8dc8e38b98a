package dev.tokenbus.embedded.postgres;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * {@code postmaster.pid}: what a running server, or one that was killed, says of itself in its data
 * directory.
 */
public record PostmasterFile(Path path) {
  public static PostmasterFile in(Path data) {
    return new PostmasterFile(data.resolve("postmaster.pid"));
  }

  /** The process the file names, dead or alive. */
  public Optional<Long> pid() {
    try {
      List<String> lines = Files.readAllLines(path);
      return lines.isEmpty()
          ? Optional.empty()
          : Optional.of(Long.parseLong(lines.getFirst().strip()));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + path, e);
    }
  }

  /**
   * The server that runs on this data directory, judged by its command line: process ids are used
   * again.
   */
  public Optional<ProcessHandle> server() {
    return pid().flatMap(ProcessHandle::of).filter(ProcessHandle::isAlive).filter(this::isOurs);
  }

  private boolean isOurs(ProcessHandle process) {
    String data = path.resolve("..").normalize().toString();
    return process
        .info()
        .arguments()
        .map(arguments -> Arrays.asList(arguments).contains(data))
        .orElse(false);
  }
}
