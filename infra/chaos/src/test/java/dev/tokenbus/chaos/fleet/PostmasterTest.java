package dev.tokenbus.chaos.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostmasterTest {
  @Test
  void leavesAProcessAloneThatHasTheIdOfAServerThatWasKilled(@TempDir Path directory)
      throws IOException, InterruptedException {
    Process stranger = new ProcessBuilder("sleep", "60").start();
    try {
      Files.writeString(directory.resolve("postmaster.pid"), stranger.pid() + "\n");

      StopOutcome stop = new Postmaster(directory, directory.resolve("log")).stop();

      assertThat(stop).isEqualTo(StopOutcome.NOT_RUNNING);
      assertThat(stranger.waitFor(200, TimeUnit.MILLISECONDS)).isFalse();
    } finally {
      stranger.destroyForcibly();
    }
  }
}
