package dev.tokenbus.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.bench.provider.MockOptions;
import dev.tokenbus.bench.provider.MockProvider;
import dev.tokenbus.bench.provider.behaviour.Behaviour;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A second mock plays the gateway: it has the benchmark's models, so the command is complete. */
class BenchCommandTest {
  private static final List<String> BRIEF =
      List.of(
          "--no-floor",
          "--rest",
          "100ms",
          "--pre-warm",
          "1s",
          "--warm-up",
          "300ms",
          "--measured",
          "700ms");

  private final StringWriter out = new StringWriter();
  private MockProvider gateway;

  @TempDir private Path directory;

  @BeforeEach
  void start() {
    gateway =
        MockProvider.start(
            MockOptions.DEFAULT
                .withApiKey("tb_key")
                .withModels(List.of("bench-first-token", "bench-whole", "bench-large-bodies"))
                .withBehaviour(Behaviour.of("16x20ms/first-30ms")));
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  private int run(String... more) {
    List<String> arguments = new ArrayList<>(BRIEF);
    arguments.addAll(Arrays.asList(more));
    CommandLine command = new CommandLine(new BenchCommand());
    command.setOut(new PrintWriter(out, true));
    command.setErr(new PrintWriter(out, true));
    return command.execute(arguments.toArray(String[]::new));
  }

  private static String freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return Integer.toString(socket.getLocalPort());
    }
  }

  @Test
  void measuresWhatARunningGatewayAddsAndWritesItDown() throws IOException {
    Path json = directory.resolve("figures.json");
    int code =
        run(
            "--scenario",
            "FIRST_TOKEN",
            "--mock-port",
            freePort(),
            "--url",
            gateway.baseUrl().toString(),
            "--key",
            "tb_key",
            "--json",
            json.toString());

    assertThat(code).as(out.toString()).isZero();
    Map<String, Double> values = Report.values(json);
    assertThat(values.get("first_token.added.p50")).isBetween(5.0, 500.0);
    assertThat(values.get("first_token.through.complete")).isEqualTo(100.0);
    assertThat(out.toString()).containsPattern("first_token.added.p50 .* MISSED");
  }

  @Test
  void measuresSmallRequestsBesideLargeOnesAndWhatTheBrokerWrote() throws IOException {
    Path home = Files.createDirectories(directory.resolve("home"));
    Files.createDirectories(home.resolve("kafka/bodies-0"));
    Path json = directory.resolve("figures.json");
    Process process = new ProcessBuilder("sleep", "600").start();
    try {
      int code =
          run(
              "--scenario",
              "LARGE_BODIES",
              "--rate",
              "20",
              "--large-requests",
              "4",
              "--mock-port",
              freePort(),
              "--url",
              gateway.baseUrl().toString(),
              "--key",
              "tb_key",
              "--pid",
              Long.toString(process.pid()),
              "--home",
              home.toString(),
              "--json",
              json.toString());
      assertThat(code).as(out.toString()).isZero();
    } finally {
      process.destroyForcibly();
    }

    Map<String, Double> values = Report.values(json);
    assertThat(values.get("large_bodies.through.large.complete")).isEqualTo(100.0);
    assertThat(values.get("large_bodies.through.small.complete")).isEqualTo(100.0);
    assertThat(values.get("large_bodies.through.small.first_token.p99")).isPositive();
    assertThat(values.get("large_bodies.through.disk_by_size")).isZero();
    assertThat(values)
        .as("who else used the machine is told of large bodies too")
        .containsKeys("large_bodies.direct.cpu_of_others", "large_bodies.through.cpu_of_others");
    assertThat(gateway.requestCount()).isGreaterThan(4);
  }

  @Test
  void beginsEveryStreamOfABurstAtOnce() throws IOException {
    Path json = directory.resolve("figures.json");
    try (MockProvider burst =
        MockProvider.start(
            MockOptions.DEFAULT
                .withModels(List.of("bench-burst"))
                .withBehaviour(Behaviour.of("64x20ms")))) {
      int code =
          run(
              "--scenario",
              "BURST",
              "--mock-port",
              freePort(),
              "--url",
              burst.baseUrl().toString(),
              "--json",
              json.toString());

      assertThat(code).as(out.toString()).isZero();
      assertThat(Report.values(json).get("burst.through.complete")).isEqualTo(100.0);
      assertThat(Report.values(json).get("burst.through.first_token.p50")).isPositive();
      assertThat(out.toString()).containsPattern("burst.through.first_token.p50 .* <= 60");
    }
  }

  @Test
  void failsWhenStrictAndABarIsMissed() throws IOException {
    int code =
        run(
            "--strict",
            "--scenario",
            "FIRST_TOKEN,WHOLE",
            "--clients",
            "2",
            "--mock-port",
            freePort(),
            "--url",
            gateway.baseUrl().toString(),
            "--key",
            "wrong");

    assertThat(code).isEqualTo(1);
    assertThat(out.toString())
        .contains("! whole.through: {status 401=")
        .as("answers that failed add nothing")
        .doesNotContain("first_token.added");
  }

  @Test
  void startsAndStopsTokenbusThroughItsLauncher() throws IOException {
    Path stopped = directory.resolve("stopped");
    Path launcher =
        launcher(
            """
            trap 'touch %s; exit 0' TERM
            echo "starting $*"
            echo "ready http://127.0.0.1:%d key=tb_key"
            while :; do sleep 0.05; done
            """
                .formatted(stopped, gateway.port()));

    int code = run("--scenario", "FIRST_TOKEN", "--launcher", launcher.toString());

    assertThat(code).as(out.toString()).isZero();
    assertThat(out.toString()).contains("start.ready", "memory.at_rest", "memory.after");
    assertThat(stopped).exists();
  }

  @Test
  void showsTheLastOutputOfATokenbusThatDoesNotStart() throws IOException {
    Path launcher = launcher("echo no database; exit 3\n");

    int code = run("--scenario", "FIRST_TOKEN", "--launcher", launcher.toString());

    assertThat(code).isEqualTo(1);
    assertThat(out.toString()).contains("ended with 3").contains("no database");
  }

  @Test
  void asksForThePortThatTheGatewayMustKnow() {
    assertThat(run("--url", "http://127.0.0.1:1/v1")).isEqualTo(2);
    assertThat(out.toString()).contains("give --mock-port");
  }

  @Test
  void printsTheCatalogueToApply() {
    assertThat(run("--print-catalogue", "--mock-port", "18000")).isZero();
    assertThat(out.toString())
        .contains("base-url: http://127.0.0.1:18000/v1")
        .contains("bench-streams: { provider: mock, model: mock/64x20ms,");
  }

  private Path launcher(String script) throws IOException {
    Path file = Files.writeString(directory.resolve("tokenbus"), "#!/bin/sh\n" + script);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
  }
}
