package dev.tokenbus.projections;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A {@link ProjectionsProcess} from outside. */
final class Instance implements AutoCloseable {
  private final Process process;
  private final Path output;

  private Instance(Process process, Path output) {
    this.process = process;
    this.output = output;
  }

  static Instance start(Map<String, String> environment, Path directory, String name) {
    Path output = directory.resolve(name + ".log");
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            ProjectionsProcess.class.getName(),
            directory.toString());
    builder.environment().putAll(environment);
    builder.redirectErrorStream(true).redirectOutput(output.toFile());
    try {
      return new Instance(builder.start(), output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  boolean ready() {
    assertThat(process.isAlive()).withFailMessage(this::output).isTrue();
    return output().contains("ready\n");
  }

  /** SIGKILL. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** SIGSTOP. */
  void freeze() {
    signal("-STOP");
  }

  /** SIGCONT. */
  void thaw() {
    signal("-CONT");
  }

  /** SIGTERM, and how long it took to end. */
  Duration terminate() throws InterruptedException {
    long before = System.nanoTime();
    process.destroy();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).withFailMessage(this::output).isTrue();
    return Duration.ofNanos(System.nanoTime() - before);
  }

  String output() {
    try {
      return Files.readString(output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void signal(String signal) {
    try {
      Process kill =
          new ProcessBuilder(List.of("kill", signal, Long.toString(process.pid()))).start();
      assertThat(kill.waitFor()).isZero();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Kills it if it still lives, and leaves what it printed in the test's own output. */
  @Override
  public void close() {
    process.destroyForcibly();
    System.out.println("---- " + output.getFileName() + "\n" + output());
  }
}
