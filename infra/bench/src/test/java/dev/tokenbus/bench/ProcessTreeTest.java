package dev.tokenbus.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessTreeTest {
  private final List<Process> started = new ArrayList<>();

  @TempDir private Path home;

  private Process shell(String script, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("sh", "-c", script, "sh"));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).start();
    started.add(process);
    return process;
  }

  @AfterEach
  void stop() {
    for (Process process : started) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  @Test
  void addsUpAProcessAndItsChildren() throws IOException {
    Process parent = shell("while :; do :; done & sleep 60 & wait");
    ProcessTree tree = new ProcessTree(parent.pid(), Optional.empty());

    await()
        .untilAsserted(() -> {
          ProcessTree.Usage usage = tree.usage();
          assertThat(usage.processes()).isEqualTo(3);
          assertThat(usage.cpu().toMillis()).isGreaterThan(50);
          assertThat(usage.residentBytes()).isBetween(100_000L, 100_000_000L);
          assertThat(usage.proportionalBytes()).isPositive();
          assertThat(usage.proportionalBytes()).isLessThan(usage.residentBytes());
        });
  }

  @Test
  void findsProcessesThatNameTheHomeThoughTheyAreNoChildren() throws IOException {
    Process parent = shell("sleep 60");
    shell("sleep 60; :", "-D", home.resolve("postgres").toString());
    ProcessTree without = new ProcessTree(parent.pid(), Optional.empty());
    ProcessTree with = new ProcessTree(parent.pid(), Optional.of(home));

    await()
        .untilAsserted(
            () -> assertThat(with.usage().processes()).isEqualTo(without.usage().processes() + 2));
  }

  @Test
  void isEmptyOnceAllHaveEnded() throws Exception {
    Process parent = shell(":");
    parent.waitFor();

    assertThat(new ProcessTree(parent.pid(), Optional.empty()).usage())
        .isEqualTo(ProcessTree.Usage.NONE);
  }
}
