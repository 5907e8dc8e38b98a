package dev.tokenbus.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tokenbus.embedded.home.LoopbackPorts;
import dev.tokenbus.embedded.home.PortInUseException;
import dev.tokenbus.embedded.process.DirectoryTree;
import dev.tokenbus.embedded.process.StartFailedException;
import dev.tokenbus.embedded.registry.ConfluentClient;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedRegistryIT {
  @Test
  void keepsIdsOverACleanRestartAndStopsPromptly(@TempDir Path directory) throws Exception {
    int first;
    int second;
    EmbeddedRegistry registry = EmbeddedRegistry.start(RegistrySettings.in(directory));
    try (ConfluentClient client = new ConfluentClient(registry.url())) {
      first = client.register("requests-value", ConfluentClient.record("Request", "a"));
      second = client.register("usage-value", ConfluentClient.record("Usage", "a"));
      assertThat(client.register("audit-value", ConfluentClient.record("Usage", "a")))
          .isEqualTo(second);
    }
    long stopping = System.nanoTime();
    registry.close();
    registry.close();
    assertThat(Duration.ofNanos(System.nanoTime() - stopping)).isLessThan(Duration.ofSeconds(10));
    assertThat(LoopbackPorts.isFree(registry.port())).isTrue();

    try (EmbeddedRegistry again = EmbeddedRegistry.start(RegistrySettings.in(directory));
        ConfluentClient client = new ConfluentClient(again.url())) {
      assertThat(first).isNotEqualTo(second);
      assertThat(client.get("/schemas/ids/" + second).body()).contains("Usage");
      assertThat(client.register("requests-value", ConfluentClient.record("Request", "a")))
          .isEqualTo(first);
      assertThat(client.register("new-value", ConfluentClient.record("New", "a")))
          .isNotIn(first, second);
    }
  }

  @Test
  void keepsAnIdThatWasGivenOutTheMomentBeforeItWasKilled(@TempDir Path directory)
      throws Exception {
    RegistrySettings settings = RegistrySettings.in(directory);
    int last = 0;
    try (EmbeddedRegistry registry = EmbeddedRegistry.start(settings);
        ConfluentClient client = new ConfluentClient(registry.url())) {
      for (int i = 0; i < 10; i++) {
        last = client.register("s" + i, ConfluentClient.record("R" + i, "a"));
      }
      long pid = Long.parseLong(Files.readString(settings.pidFile()).strip());
      assertThat(ProcessHandle.of(pid).orElseThrow().destroyForcibly()).isTrue();
      await().atMost(Duration.ofSeconds(30)).until(() -> LoopbackPorts.isFree(registry.port()));
    }
    try (EmbeddedRegistry registry = EmbeddedRegistry.start(settings);
        ConfluentClient client = new ConfluentClient(registry.url())) {
      assertThat(client.get("/schemas/ids/" + last).body()).contains("R9");
    }
  }

  @Test
  void stopsTheServerThatAnEarlierRunLeftBehind(@TempDir Path directory) throws Exception {
    RegistrySettings settings = RegistrySettings.in(directory);
    DirectoryTree.createPrivate(directory);
    // What a run leaves whose parent and shell were both killed: a process with our mark and a file
    // that names it.
    Process orphan = new ProcessBuilder("/bin/sh", "-c", "sleep 600; :", settings.marker()).start();
    Files.writeString(settings.pidFile(), orphan.pid() + "\n");
    try (EmbeddedRegistry registry = EmbeddedRegistry.start(settings)) {
      assertThat(orphan.isAlive()).isFalse();
      assertThat(registry.port()).isPositive();
    } finally {
      orphan.descendants().forEach(ProcessHandle::destroyForcibly);
      orphan.destroyForcibly();
    }
  }

  @Test
  void leavesAStrangerAloneWhoseProcessIdTheFileNames(@TempDir Path directory) throws Exception {
    RegistrySettings settings = RegistrySettings.in(directory);
    Process stranger = new ProcessBuilder("sleep", "600").start();
    try {
      Files.writeString(settings.pidFile(), stranger.pid() + "\n");
      EmbeddedRegistry.clear(settings);
      assertThat(stranger.isAlive()).isTrue();
      assertThat(settings.pidFile()).doesNotExist();
    } finally {
      stranger.destroyForcibly();
    }
  }

  @Test
  void showsTheEndOfItsLogWhenItDoesNotStart(@TempDir Path directory) throws Exception {
    Files.writeString(directory.resolve("schemas.mv.db"), "no database");
    assertThatThrownBy(() -> EmbeddedRegistry.start(RegistrySettings.in(directory)))
        .isInstanceOf(StartFailedException.class)
        // Apicurio mostly ends; it has also been seen to stay and answer nothing but errors.
        .hasMessageMatching(
            "(?s).*the schema registry (ended while starting|did not answer within).*")
        .hasMessageContaining("schemas.mv.db");
  }

  @Test
  void namesThePortThatIsTaken(@TempDir Path directory) throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      RegistrySettings settings = RegistrySettings.in(directory).withPort(taken.getLocalPort());
      assertThatThrownBy(() -> EmbeddedRegistry.start(settings))
          .isInstanceOf(PortInUseException.class)
          .hasMessageContaining(String.valueOf(taken.getLocalPort()));
    }
  }
}
