package dev.tokenbus.embedded.process;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server that runs as long as this JVM and no longer.
 *
 * <p>Its parent is a shell that holds a pipe from us and terminates it when the pipe closes, which
 * the kernel sees to even after SIGKILL. Closing the pipe is also how it is stopped, so the one
 * path is always tested. Ctrl-C in a terminal, which goes to the whole process group, is ignored:
 * we stop our servers in our order.
 */
public final class ChildProcess implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ChildProcess.class);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(15);
  private static final Duration POLL_INTERVAL = Duration.ofMillis(20);

  /** $1: file for the server's process id; the rest: the server's command. */
  private static final String SCRIPT =
      """
      trap '' INT HUP QUIT
      pid_file=$1; shift
      exec 3<&0
      "$@" </dev/null 3<&- &
      child=$!
      { read -r line <&3; kill -TERM "$child"; } 2>/dev/null &
      watch=$!
      exec 3<&-
      echo "$child" >"$pid_file"
      wait "$child"
      status=$?
      kill "$watch" 2>/dev/null
      exit "$status"
      """;

  private final Process shell;

  private ChildProcess(Process shell) {
    this.shell = shell;
  }

  /**
   * Starts {@code command}.
   *
   * @param pidFile keeps the server's process id for {@link #stopOrphan}
   * @param logFile takes what it prints; that of the run before is kept as {@code <logFile>.1}
   */
  public static ChildProcess start(List<String> command, Path pidFile, Path logFile) {
    List<String> wrapped =
        new ArrayList<>(List.of("/bin/sh", "-c", SCRIPT, "tokenbus-child", pidFile.toString()));
    wrapped.addAll(command);
    try {
      if (Files.exists(logFile)) {
        Files.move(
            logFile,
            logFile.resolveSibling(logFile.getFileName() + ".1"),
            StandardCopyOption.REPLACE_EXISTING);
      }
      return new ChildProcess(
          Command.builder(wrapped)
              .redirectErrorStream(true)
              .redirectOutput(logFile.toFile())
              .start());
    } catch (IOException e) {
      throw new StartFailedException(
          "cannot start " + command.getFirst() + ": " + e.getMessage(), e);
    }
  }

  /**
   * Stops the process that {@code pidFile} names if it is still the one we started, which {@code
   * argument} on its command line tells.
   */
  public static void stopOrphan(Path pidFile, String argument) {
    Optional<ProcessHandle> found =
        readPid(pidFile).flatMap(ProcessHandle::of).filter(process -> isOurs(process, argument));
    if (found.isPresent()) {
      ProcessHandle orphan = found.get();
      log.atWarn()
          .addKeyValue("pid", orphan.pid())
          .log("stopping a server that outlived its parent");
      orphan.destroy();
      if (!orphanEnded(orphan, argument)) {
        orphan.destroyForcibly();
        if (!orphanEnded(orphan, argument)) {
          throw new StartFailedException(
              "process %d, left by an earlier run, does not end".formatted(orphan.pid()), null);
        }
      }
    }
    DirectoryTree.deleteIfPresent(pidFile);
  }

  public boolean isAlive() {
    return shell.isAlive();
  }

  @Override
  public void close() {
    List<ProcessHandle> server = shell.descendants().toList();
    try (OutputStream pipe = shell.getOutputStream()) {
      pipe.flush();
    } catch (IOException e) {
      log.atDebug().setCause(e).log("the pipe to the child was closed already");
    }
    if (!ended(shell.toHandle())) {
      log.atWarn()
          .addKeyValue("pid", shell.pid())
          .log("the child did not stop in time and is killed");
      server.forEach(ProcessHandle::destroyForcibly);
      shell.destroyForcibly();
    }
  }

  /**
   * Asked of the command line, which is gone at once: nobody may ever collect the process's exit
   * code.
   */
  private static boolean orphanEnded(ProcessHandle orphan, String argument) {
    long deadline = System.nanoTime() + STOP_TIMEOUT.toNanos();
    try {
      while (isOurs(orphan, argument)) {
        if (System.nanoTime() > deadline) {
          return false;
        }
        Thread.sleep(POLL_INTERVAL);
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static boolean ended(ProcessHandle process) {
    try {
      process.onExit().get(STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("cannot wait for process " + process.pid(), e);
    }
  }

  private static Optional<Long> readPid(Path pidFile) {
    try {
      String text = Files.readString(pidFile).strip();
      return text.matches("\\d{1,18}") ? Optional.of(Long.parseLong(text)) : Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + pidFile, e);
    }
  }

  private static boolean isOurs(ProcessHandle process, String argument) {
    return process
        .info()
        .arguments()
        .map(all -> Arrays.asList(all).contains(argument))
        .orElse(false);
  }
}
