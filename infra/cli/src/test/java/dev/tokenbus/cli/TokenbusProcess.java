package dev.tokenbus.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.local.Home;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A command of ours as a process of its own. */
final class TokenbusProcess implements AutoCloseable {
  /** What a process ends with that was told to and did. */
  static final int SIGTERM_EXIT = 128 + 15;

  private static final Duration START_LIMIT = Duration.ofMinutes(3);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(60);

  private final String name;
  private final Path output;
  private final Process process;

  private TokenbusProcess(String name, Path output, Process process) {
    this.name = name;
    this.output = output;
    this.process = process;
  }

  /**
   * Starts it and does not wait.
   *
   * @param name of the file that takes its output, in the home
   */
  static TokenbusProcess start(
      Home home, String name, Map<String, String> environment, String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx160m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                Tokenbus.class.getName()));
    command.addAll(List.of(arguments));
    home.create();
    Path output = home.directory().resolve(name + ".out");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().putAll(environment);
    try {
      return new TokenbusProcess(name, output, builder.start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns when a line of its output begins with {@code ready}. */
  TokenbusProcess awaitReady() throws InterruptedException {
    long deadline = System.nanoTime() + START_LIMIT.toNanos();
    while (output().lines().noneMatch(line -> line.startsWith("ready"))) {
      assertThat(process.isAlive()).as("%s lives; it said:%n%s", name, output()).isTrue();
      assertThat(System.nanoTime())
          .as("%s is ready in time; it said:%n%s", name, output())
          .isLessThan(deadline);
      Thread.sleep(50);
    }
    return this;
  }

  String output() {
    try {
      return Files.readString(output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  long pid() {
    return process.pid();
  }

  /** Sends SIGTERM and returns the exit code. */
  int stop() throws InterruptedException {
    process.destroy();
    assertThat(process.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS))
        .as("%s stops in time; it said:%n%s", name, output())
        .isTrue();
    return process.exitValue();
  }

  /** As {@link #stop}, or {@link #close} where it does not. */
  void stopOrKill() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      close();
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
