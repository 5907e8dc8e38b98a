package dev.tokenbus.embedded.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Runs a program to its end. */
public final class Command {
  /**
   * All that a child is told of our environment: neither provider keys nor settings meant for other
   * servers.
   */
  private static final Set<String> PASSED_ON =
      Set.of("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ");

  private Command() {}

  /** A builder for {@code command} whose environment holds only what is harmless. */
  static ProcessBuilder builder(List<String> command) {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().retainAll(PASSED_ON);
    return builder;
  }

  /**
   * Runs {@code command} and returns what it printed.
   *
   * @throws StartFailedException when it ends with another code than 0, or not within {@code
   *     timeout}
   */
  public static String run(List<String> command, Duration timeout) {
    Result result = tryRun(command, timeout);
    if (result.exitCode() != 0) {
      throw new StartFailedException(
          "'%s' ended with code %d: %s"
              .formatted(String.join(" ", command), result.exitCode(), result.output()),
          null);
    }
    return result.output();
  }

  /** Like {@link #run}, and the caller judges the exit code. */
  public static Result tryRun(List<String> command, Duration timeout) {
    // To a file, not a pipe: a server left behind by the command could hold a pipe open for ever.
    Path output = null;
    try {
      output = Files.createTempFile("tokenbus-command", ".log");
      Process process =
          builder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start();
      process.getOutputStream().close();
      if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        throw new StartFailedException(
            "'%s' did not end within %s s"
                .formatted(String.join(" ", command), timeout.toSeconds()),
            null);
      }
      return new Result(
          process.exitValue(),
          new String(Files.readAllBytes(output), StandardCharsets.UTF_8).strip());
    } catch (IOException e) {
      throw new StartFailedException(
          "cannot run '%s': %s".formatted(String.join(" ", command), e.getMessage()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartFailedException(
          "interrupted while running '%s'".formatted(String.join(" ", command)), e);
    } finally {
      DirectoryTree.deleteIfPresent(output);
    }
  }

  public record Result(int exitCode, String output) {}
}
