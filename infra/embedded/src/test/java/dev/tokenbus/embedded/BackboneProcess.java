package dev.tokenbus.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tokenbus.embedded.process.Command;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A backbone in a JVM of its own, so that it can be killed. */
final class BackboneProcess implements AutoCloseable {
  private final Process process;
  private final Endpoints endpoints;

  private BackboneProcess(Process process, Endpoints endpoints) {
    this.process = process;
    this.endpoints = endpoints;
  }

  static BackboneProcess start(Path home) throws IOException {
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx256m",
                    "-cp",
                    System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path")),
                    BackboneProcess.class.getName(),
                    home.toString()))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader output = process.inputReader(UTF_8);
    StringBuilder seen = new StringBuilder();
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      if (line.startsWith("ready ")) {
        String[] parts = line.split(" ", -1);
        return new BackboneProcess(
            process, new Endpoints(parts[1], parts[2], parts[3], parts[4], parts[5], parts[6]));
      }
      seen.append(line).append('\n');
    }
    throw new IOException("the backbone's process ended: " + seen);
  }

  Endpoints endpoints() {
    return endpoints;
  }

  long pid() {
    return process.pid();
  }

  /** SIGKILL: neither it nor the virtual machine gets to do anything more. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    if (!process.waitFor(10, TimeUnit.SECONDS)) {
      throw new IllegalStateException("process " + process.pid() + " does not die");
    }
  }

  void signal(String name) {
    Command.run(List.of("kill", "-" + name, String.valueOf(process.pid())), Duration.ofSeconds(5));
  }

  /** As a terminal's owner would: it closes everything and ends. */
  int stop() throws IOException, InterruptedException {
    process.getOutputStream().close();
    return process.waitFor(60, TimeUnit.SECONDS) ? process.exitValue() : -1;
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  public static void main(String[] arguments) throws IOException {
    try (EmbeddedBackbone backbone =
        EmbeddedBackbone.start(BackboneSettings.in(Path.of(arguments[0])), StartProgress.SILENT)) {
      Endpoints endpoints = backbone.endpoints();
      System.out.println(
          String.join(
              " ",
              "ready",
              endpoints.bootstrapServers(),
              endpoints.schemaRegistryUrl(),
              endpoints.databaseUrl(),
              endpoints.jdbcUrl(),
              endpoints.jdbcUser(),
              endpoints.jdbcPassword()));
      int end = System.in.read(); // until the parent closes our input
      if (end != -1) {
        throw new IOException("unexpected input");
      }
    }
    // No System.exit: a thread left behind would keep this process, and the test waiting.
  }
}
