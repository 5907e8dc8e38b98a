package dev.tokenbus.workers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.runtime.config.Addresses;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WorkerSettingsTest {
  @Test
  void takesAsLongToStopAsItsDrainMayTake() {
    WorkerSettings settings =
        WorkerSettings.from(
            Addresses.of(
                Map.of(
                    WorkerSettings.DRAIN_LIMIT_MS, "30000",
                    WorkerSettings.DRAIN_CEILING_MS, "600000")));

    assertThat(settings.stopLimit()).isBetween(Duration.ofSeconds(631), Duration.ofSeconds(700));
  }
}
