package dev.tokenbus.bench;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code tokenbus up} as a child process; stopped by SIGTERM when this is closed. */
final class TokenbusProcess implements AutoCloseable {
  private static final Pattern READY = Pattern.compile("ready (http://\\S+) key=(\\S+)");
  private static final Duration START_LIMIT = Duration.ofMinutes(2);
  private static final Duration STOP_LIMIT = Duration.ofMinutes(1);
  private static final long POLL_MILLIS = 20;

  private final Process process;
  private final Gateway gateway;
  private final Duration startTime;

  private TokenbusProcess(Process process, Gateway gateway, Duration startTime) {
    this.process = process;
    this.gateway = gateway;
    this.startTime = startTime;
  }

  /**
   * Starts it and returns when it says that it is ready.
   *
   * @param home its data directory; its output goes to {@code bench-up.log} there
   * @throws IOException when it cannot be started, ends, or is not ready within two minutes; the
   *     message ends with its last output
   */
  static TokenbusProcess start(Path launcher, Path home, int port, Path catalogue)
      throws IOException, InterruptedException {
    Path log = home.resolve("bench-up.log");
    List<String> command =
        List.of(
            launcher.toAbsolutePath().toString(),
            "up",
            "--port",
            Integer.toString(port),
            "--home",
            home.toString(),
            "--catalogue",
            catalogue.toString());
    long begin = System.nanoTime();
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      Matcher ready = awaitReady(process, log, begin);
      URI base = URI.create(ready.group(1) + "/v1");
      ProcessTree tree = new ProcessTree(process.pid(), Optional.of(home));
      Gateway gateway =
          new Gateway(base, Optional.of(ready.group(2)), Optional.of(tree), Optional.of(home));
      return new TokenbusProcess(process, gateway, Duration.ofNanos(System.nanoTime() - begin));
    } catch (IOException | InterruptedException e) {
      stop(process);
      throw e;
    }
  }

  Gateway gateway() {
    return gateway;
  }

  /** From the start of the process to its word that it is ready. */
  Duration startTime() {
    return startTime;
  }

  @Override
  public void close() {
    stop(process);
  }

  private static Matcher awaitReady(Process process, Path log, long begin)
      throws IOException, InterruptedException {
    while (System.nanoTime() - begin < START_LIMIT.toNanos()) {
      Matcher ready = READY.matcher(Files.readString(log));
      if (ready.find()) {
        return ready;
      }
      if (!process.isAlive()) {
        throw new IOException("tokenbus up ended with " + process.exitValue() + tail(log));
      }
      Thread.sleep(POLL_MILLIS);
    }
    throw new IOException("tokenbus up was not ready within " + START_LIMIT + tail(log));
  }

  private static String tail(Path log) throws IOException {
    List<String> lines = Files.readAllLines(log);
    return ":\n" + String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
  }

  private static void stop(Process process) {
    process.destroy();
    try {
      if (!process.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
