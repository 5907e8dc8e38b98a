package dev.tokenbus.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tokenbus.embedded.home.AlreadyRunningException;
import dev.tokenbus.embedded.home.LoopbackPorts;
import dev.tokenbus.embedded.home.PortInUseException;
import dev.tokenbus.embedded.postgres.PostmasterFile;
import dev.tokenbus.embedded.registry.ConfluentClient;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedBackboneIT {
  private static final String SCHEMA = ConfluentClient.record("Kept", "a");

  @TempDir private Path parent;

  @Test
  void tellsItsProgressAnnouncesItselfAndRefusesASecondStart() {
    List<String> told = new CopyOnWriteArrayList<>();
    BackboneSettings settings = BackboneSettings.in(home());
    try (EmbeddedBackbone backbone = EmbeddedBackbone.start(settings, recorder(told))) {
      assertThatThrownBy(() -> EmbeddedBackbone.start(settings, StartProgress.SILENT))
          .isInstanceOf(AlreadyRunningException.class)
          .hasMessageContaining("pid " + ProcessHandle.current().pid());
      backbone.announce("http://127.0.0.1:8317");
      assertThatThrownBy(() -> EmbeddedBackbone.start(settings, StartProgress.SILENT))
          .isInstanceOfSatisfying(
              AlreadyRunningException.class,
              e -> {
                assertThat(e.pid()).isEqualTo(ProcessHandle.current().pid());
                assertThat(e.address()).contains("http://127.0.0.1:8317");
              });
      assertThat(backbone.endpoints().toString())
          .doesNotContain(backbone.endpoints().jdbcPassword());
    }
    assertThat(told)
        .containsExactlyInAnyOrder(
            "starting broker",
            "starting database",
            "starting schema registry",
            "ready broker",
            "ready database",
            "ready schema registry");
  }

  @Test
  void stopsWhatHadStartedWhenOnePartFails() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      BackboneSettings settings =
          BackboneSettings.in(home())
              .withPorts(Map.of(BackbonePart.REGISTRY, taken.getLocalPort()));
      assertThatThrownBy(() -> EmbeddedBackbone.start(settings, StartProgress.SILENT))
          .isInstanceOf(PortInUseException.class)
          .hasMessageContaining("schema registry");
    }
    assertThat(PostmasterFile.in(home().resolve("postgres").resolve("data")).pid()).isEmpty();
    EmbeddedBackbone.start(BackboneSettings.in(home()), StartProgress.SILENT).close();
  }

  @Test
  void keepsDataAndAddressesWhenAnotherProcessStartsOnItsHome() throws Exception {
    Endpoints before;
    int id;
    try (BackboneProcess process = BackboneProcess.start(home())) {
      before = process.endpoints();
      id = leaveTraces(before);
      assertThat(process.stop()).isZero();
    }
    try (EmbeddedBackbone again =
        EmbeddedBackbone.start(BackboneSettings.in(home()), StartProgress.SILENT)) {
      assertThat(again.endpoints()).isEqualTo(before);
      findTraces(again.endpoints(), id);
    }
  }

  @Test
  void losesNothingAcknowledgedWhenItsProcessIsKilledAndTakesItsChildrenAlong() throws Exception {
    Endpoints before;
    int id;
    try (BackboneProcess process = BackboneProcess.start(home())) {
      before = process.endpoints();
      id = leaveTraces(before);
      List<ProcessHandle> children =
          ProcessHandle.of(process.pid()).orElseThrow().descendants().toList();
      ProcessHandle database =
          PostmasterFile.in(home().resolve("postgres").resolve("data")).server().orElseThrow();
      assertThat(children).isNotEmpty().allMatch(ProcessHandle::isAlive);
      process.kill();
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(() -> {
            assertThat(children).noneMatch(ProcessHandle::isAlive);
            assertThat(database.isAlive()).isFalse();
          });
    }
    try (EmbeddedBackbone again =
        EmbeddedBackbone.start(BackboneSettings.in(home()), StartProgress.SILENT)) {
      assertThat(again.endpoints()).isEqualTo(before);
      findTraces(again.endpoints(), id);
    }
  }

  @Test
  void takesOverFromServersWhoseWatchersWereKilledToo() throws Exception {
    Endpoints before;
    int id;
    ProcessHandle database;
    try (BackboneProcess process = BackboneProcess.start(home())) {
      before = process.endpoints();
      id = leaveTraces(before);
      database =
          PostmasterFile.in(home().resolve("postgres").resolve("data")).server().orElseThrow();
      ProcessHandle.of(process.pid())
          .orElseThrow()
          .descendants()
          .filter(child -> child.info().command().orElse("").endsWith("sh"))
          .toList()
          .reversed() // the inner shell first: the outer one's death would have it stop its server
          .forEach(ProcessHandle::destroyForcibly);
      process.kill();
    }
    assertThat(database.isAlive()).isTrue();
    assertThat(LoopbackPorts.isFree(URI.create(before.schemaRegistryUrl()).getPort())).isFalse();
    try (EmbeddedBackbone again =
        EmbeddedBackbone.start(BackboneSettings.in(home()), StartProgress.SILENT)) {
      assertThat(database.isAlive()).isFalse();
      assertThat(again.endpoints()).isEqualTo(before);
      findTraces(again.endpoints(), id);
    }
  }

  @Test
  void goesOnAfterItWasSuspendedForLongerThanTheBrokersSession() throws Exception {
    try (BackboneProcess process = BackboneProcess.start(home())) {
      int id = leaveTraces(process.endpoints());
      process.signal("STOP");
      Thread.sleep(Duration.ofSeconds(5));
      process.signal("CONT");
      findTraces(process.endpoints(), id);
      new KafkaFixture(process.endpoints().bootstrapServers())
          .produce("kept", "and more".getBytes(UTF_8));
      assertThat(new KafkaFixture(process.endpoints().bootstrapServers()).consume("kept", 2))
          .hasSize(2);
    }
  }

  @Test
  void takesAnotherPortWhenThatOfTheLastStartIsTaken() throws Exception {
    Files.createDirectories(home());
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      Files.writeString(
          home().resolve("ports.properties"), "broker=" + taken.getLocalPort() + "\n");
      try (EmbeddedBackbone backbone =
          EmbeddedBackbone.start(BackboneSettings.in(home()), StartProgress.SILENT)) {
        assertThat(backbone.endpoints().bootstrapServers())
            .doesNotEndWith(":" + taken.getLocalPort());
      }
    }
  }

  private Path home() {
    return parent.resolve("home");
  }

  private static int leaveTraces(Endpoints endpoints) throws Exception {
    KafkaFixture kafka = new KafkaFixture(endpoints.bootstrapServers());
    kafka.createTopic("kept");
    kafka.produce("kept", "still here".getBytes(UTF_8));
    try (Connection connection = connect(endpoints);
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE kept AS SELECT 42 AS x");
    }
    try (ConfluentClient registry = new ConfluentClient(endpoints.schemaRegistryUrl())) {
      return registry.register("kept-value", SCHEMA);
    }
  }

  private static void findTraces(Endpoints endpoints, int id) throws Exception {
    assertThat(new KafkaFixture(endpoints.bootstrapServers()).consume("kept", 1))
        .extracting(value -> new String(value, UTF_8))
        .containsExactly("still here");
    try (Connection connection = connect(endpoints);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT x FROM kept")) {
      assertThat(row.next()).isTrue();
      assertThat(row.getInt(1)).isEqualTo(42);
    }
    try (ConfluentClient registry = new ConfluentClient(endpoints.schemaRegistryUrl())) {
      assertThat(registry.get("/schemas/ids/" + id).body()).contains("Kept");
      assertThat(registry.register("kept-value", SCHEMA)).isEqualTo(id);
    }
  }

  private static Connection connect(Endpoints endpoints) throws SQLException {
    return DriverManager.getConnection(
        endpoints.jdbcUrl(), endpoints.jdbcUser(), endpoints.jdbcPassword());
  }

  private static StartProgress recorder(List<String> told) {
    return new StartProgress() {
      @Override
      public void starting(BackbonePart part) {
        told.add("starting " + part.label());
      }

      @Override
      public void ready(BackbonePart part, Duration took) {
        told.add("ready " + part.label());
      }
    };
  }
}
