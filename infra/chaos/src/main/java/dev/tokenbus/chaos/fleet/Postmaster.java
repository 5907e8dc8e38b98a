package dev.tokenbus.chaos.fleet;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The PostgreSQL server of a home. It is stopped and started here without the knowledge of the
 * process that started it, as an operator would do. Linux only.
 *
 * <p>Not thread-safe.
 */
public final class Postmaster {
  private static final String PID_FILE = "postmaster.pid";
  private static final int DEPTH = 3;
  private static final Duration STOP_LIMIT = Duration.ofSeconds(20);

  private final Path directory;
  private final Path log;
  private List<String> command = List.of();

  /**
   * Does nothing yet.
   *
   * @param directory of the database, or above it
   */
  public Postmaster(Path directory, Path log) {
    this.directory = directory.toAbsolutePath().normalize();
    this.log = log;
  }

  /** Stops it in an orderly way; the server closes every connection. One that hangs runs on. */
  public StopOutcome stop() throws InterruptedException {
    Optional<Long> pid = pid();
    if (pid.isEmpty()) {
      return StopOutcome.NOT_RUNNING;
    }
    command = commandOf(pid.get());
    if (command.isEmpty() || !Signal.INT.send(pid.get())) {
      return StopOutcome.NOT_RUNNING;
    }
    long end = System.nanoTime() + STOP_LIMIT.toNanos();
    while (pid().isPresent()) {
      if (System.nanoTime() > end) {
        return StopOutcome.HUNG;
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
    return StopOutcome.STOPPED;
  }

  /** Starts the stopped server again unless it runs. */
  public void start() {
    if (command.isEmpty() || pid().isPresent()) {
      return;
    }
    List<String> whole = new ArrayList<>();
    if (System.getProperty("user.name", "").equals("root")) {
      whole.addAll(List.of("unshare", "-U")); // it refuses to run as root
    }
    whole.addAll(command);
    try {
      new ProcessBuilder(whole)
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException("PostgreSQL cannot be started: " + e.getMessage(), e);
    }
  }

  /**
   * The process id of the server, if it runs. The command line decides: a server that was killed
   * leaves its file behind, and another process may have its id by now.
   */
  private Optional<Long> pid() {
    return pidInFile().filter(pid -> isOurs(commandOf(pid)));
  }

  private boolean isOurs(List<String> words) {
    int data = words.indexOf("-D") + 1;
    return data > 0 && data < words.size() && Path.of(words.get(data)).startsWith(directory);
  }

  private Optional<Long> pidInFile() {
    try (Stream<Path> files = Files.walk(directory, DEPTH)) {
      Optional<Path> file = files.filter(path -> path.endsWith(PID_FILE)).findFirst();
      if (file.isEmpty()) {
        return Optional.empty();
      }
      List<String> lines = Files.readAllLines(file.get());
      return lines.isEmpty()
          ? Optional.empty()
          : Optional.of(Long.parseLong(lines.getFirst().strip()));
    } catch (IOException | UncheckedIOException e) {
      return Optional.empty(); // it goes away while we look
    }
  }

  private static List<String> commandOf(long pid) {
    try {
      String line =
          new String(
              Files.readAllBytes(Path.of("/proc", Long.toString(pid), "cmdline")),
              StandardCharsets.UTF_8);
      return Arrays.stream(line.split("\0", -1)).filter(word -> !word.isEmpty()).toList();
    } catch (IOException e) {
      return List.of();
    }
  }
}
