package dev.tokenbus.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CpuMeterTest {
  @Test
  void tellsAGatewaysTimeFromThatOfOthers() throws Exception {
    Process busy = spin();
    try {
      CpuMeter known = CpuMeter.start(Optional.of(new ProcessTree(busy.pid(), Optional.empty())));
      CpuMeter unknown = CpuMeter.start(Optional.empty());
      await()
          .untilAsserted(() -> {
            CpuMeter.Use with = known.stop();
            CpuMeter.Use without = unknown.stop();
            assertThat(with.gateway().orElseThrow().toMillis()).isGreaterThan(200);
            assertThat(without.gateway()).isEmpty();
            assertThat(without.othersPercent()).isGreaterThan(with.othersPercent() + 1);
          });
    } finally {
      busy.destroyForcibly();
    }
  }

  private static Process spin() throws IOException {
    return new ProcessBuilder("sh", "-c", "while :; do :; done").start();
  }
}
