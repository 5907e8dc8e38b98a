package dev.tokenbus.workers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbus.runtime.config.Addresses;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WorkerSettingsTest {
  @Test
  void hasDefaults() {
    WorkerSettings settings = WorkerSettings.from(Addresses.of(Map.of()));

    assertThat(settings.workerId()).matches("[A-Za-z0-9._-]+-[0-9]+-[0-9a-f]{6}");
    assertThat(settings.flushInterval()).isEqualTo(Duration.ofMillis(10));
    assertThat(settings.drainLimit()).isEqualTo(Duration.ofSeconds(20));
    assertThat(settings.drainCeiling()).isEqualTo(Duration.ofHours(1));
    assertThat(settings.deliveryTimeout()).isEqualTo(Duration.ofSeconds(60));
    assertThat(settings.slotCeiling()).isEqualTo(2_048);
  }

  @Test
  void readsEveryVariable() {
    WorkerSettings settings =
        WorkerSettings.from(
            Addresses.of(
                Map.of(
                    "TOKENBUS_WORKER_ID", "worker-${ZONE:-a}",
                    "TOKENBUS_WORKER_FLUSH_INTERVAL_MS", "0",
                    "TOKENBUS_WORKER_DRAIN_LIMIT_MS", "1",
                    "TOKENBUS_WORKER_DRAIN_CEILING_MS", "2",
                    "TOKENBUS_WORKER_DELIVERY_TIMEOUT_MS", "3",
                    "TOKENBUS_WORKER_SLOT_CEILING", "4")));

    assertThat(settings)
        .isEqualTo(
            new WorkerSettings(
                "worker-a",
                Duration.ZERO,
                Duration.ofMillis(1),
                Duration.ofMillis(2),
                Duration.ofMillis(3),
                4));
  }

  @Test
  void namesTheVariableThatCannotBeUsed() {
    assertThatThrownBy(() ->
            WorkerSettings.from(Addresses.of(Map.of("TOKENBUS_WORKER_DRAIN_LIMIT_MS", "20s"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("TOKENBUS_WORKER_DRAIN_LIMIT_MS")
        .hasMessageContaining("20s");
  }

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
