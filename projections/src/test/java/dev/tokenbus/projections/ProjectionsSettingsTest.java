package dev.tokenbus.projections;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbus.projections.feed.FeedSettings;
import dev.tokenbus.projections.store.DatabaseSettings;
import dev.tokenbus.runtime.config.Addresses;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProjectionsSettingsTest {
  private static final String URL = "postgresql://ada:hunter2@db/billing";

  @Test
  void hasDefaultsForASmallMachine() {
    assertThat(from(Map.of()))
        .isEqualTo(
            new ProjectionsSettings(
                new DatabaseSettings(
                    URL, 5, 1, Duration.ofHours(1), Duration.ofMinutes(30), Duration.ofSeconds(20)),
                new FeedSettings(1, 2_000, Duration.ofMillis(200))));
  }

  @Test
  void takesEveryNameFromTheEnvironment() {
    assertThat(
            from(
                Map.of(
                    "DATABASE_POOL_MAX_CONNS", "20",
                    "DATABASE_POOL_MIN_CONNS", "5",
                    "DATABASE_POOL_MAX_CONN_LIFETIME", "2h",
                    "DATABASE_POOL_MAX_CONN_IDLE_TIME", "45m",
                    "PROJECTIONS_CONSUMERS", "4",
                    "PROJECTIONS_BATCH_ROWS", "500",
                    "PROJECTIONS_BATCH_WAIT", "0.05s",
                    "PROJECTIONS_STALLED_AFTER", "1m30s")))
        .isEqualTo(
            new ProjectionsSettings(
                new DatabaseSettings(
                    URL,
                    20,
                    5,
                    Duration.ofHours(2),
                    Duration.ofMinutes(45),
                    Duration.ofSeconds(90)),
                new FeedSettings(4, 500, Duration.ofMillis(50))));
  }

  @Test
  void namesWhatMakesNoSense() {
    assertThatThrownBy(() -> from(Map.of("PROJECTIONS_BATCH_ROWS", "many")))
        .hasMessageContaining("PROJECTIONS_BATCH_ROWS")
        .hasMessageContaining("many");
    assertThatThrownBy(() -> from(Map.of("PROJECTIONS_BATCH_WAIT", "soon")))
        .hasMessageContaining("PROJECTIONS_BATCH_WAIT");
    assertThatThrownBy(() -> from(Map.of("PROJECTIONS_CONSUMERS", "0")))
        .hasMessageContaining("PROJECTIONS_CONSUMERS");
    assertThatThrownBy(() -> from(Map.of("DATABASE_URL", "db:5432")))
        .hasMessageContaining("DATABASE_URL");
  }

  @Test
  void refusesAPoolInWhichConsumersWouldWaitForOneAnother() {
    assertThatThrownBy(() -> from(Map.of("PROJECTIONS_CONSUMERS", "2")))
        .hasMessageContaining("DATABASE_POOL_MAX_CONNS must be from 7");
  }

  @Test
  void hidesThePassword() {
    assertThat(from(Map.of()).toString()).contains("db:5432").doesNotContain("hunter2");
  }

  private static ProjectionsSettings from(Map<String, String> environment) {
    Map<String, String> all = new HashMap<>(Map.of("DATABASE_URL", URL));
    all.putAll(environment);
    return ProjectionsSettings.from(Addresses.of(all));
  }
}
