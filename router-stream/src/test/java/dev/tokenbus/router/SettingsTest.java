package dev.tokenbus.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbus.router.lifecycle.Policy;
import dev.tokenbus.runtime.config.Addresses;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SettingsTest {
  @Test
  void anEmptyEnvironmentGivesTheDefaults() {
    assertThat(RouterSettings.from(Addresses.of(Map.of()))).isEqualTo(RouterSettings.DEFAULT);
    assertThat(MeteringSettings.from(Addresses.of(Map.of()))).isEqualTo(MeteringSettings.DEFAULT);
  }

  @Test
  void everyVariableOfTheRouterIsRead() {
    Map<String, String> environment = new HashMap<>();
    environment.put("TOKENBUS_ROUTER_THREADS", "2");
    environment.put("TOKENBUS_ROUTER_STANDBYS", "1");
    environment.put("TOKENBUS_ROUTER_COMMIT_INTERVAL_MS", "500");
    environment.put("TOKENBUS_ROUTER_START_GRACE_MS", "3000");
    environment.put("TOKENBUS_ROUTER_WORKER_SILENCE_MS", "4000");
    environment.put("TOKENBUS_ROUTER_WORKER_SILENCE_BESIDE_OTHERS_MS", "2000");
    environment.put("TOKENBUS_ROUTER_MAX_ATTEMPTS", "5");
    environment.put("TOKENBUS_ROUTER_MAX_LOSSES", "6");
    environment.put("TOKENBUS_ROUTER_BACKOFF_MS", "7");
    environment.put("TOKENBUS_ROUTER_MAX_BACKOFF_MS", "8");
    environment.put("TOKENBUS_ROUTER_CATALOGUE_GRACE_MS", "9");
    environment.put("TOKENBUS_ROUTER_TOPIC_GRACE_MS", "10");
    environment.put("TOKENBUS_ROUTER_LOST_DISPATCH_MS", "11");
    environment.put("TOKENBUS_ROUTER_NO_WORKER_MS", "12");
    environment.put("TOKENBUS_ROUTER_STOPPING_MS", "13");
    environment.put("TOKENBUS_ROUTER_REPEAT_OUTCOME_MS", "14");
    environment.put("TOKENBUS_ROUTER_IDEMPOTENCY_MS", "15");
    environment.put("TOKENBUS_ROUTER_CLOSING_MS", "16");
    environment.put("TOKENBUS_ROUTER_CONTINUE_STREAMS", "false");

    assertThat(RouterSettings.from(Addresses.of(environment)))
        .isEqualTo(
            new RouterSettings(
                2,
                1,
                Duration.ofMillis(500),
                Duration.ofSeconds(3),
                Duration.ofSeconds(4),
                Duration.ofSeconds(2),
                new Policy(
                    5,
                    6,
                    Duration.ofMillis(7),
                    Duration.ofMillis(8),
                    Duration.ofMillis(9),
                    Duration.ofMillis(10),
                    Duration.ofMillis(11),
                    Duration.ofMillis(12),
                    Duration.ofMillis(13),
                    Duration.ofMillis(16),
                    Duration.ofMillis(14),
                    Duration.ofMillis(15),
                    false)));
  }

  @Test
  void aShorterSilenceHoldsBesideOthersToo() {
    RouterSettings settings =
        RouterSettings.from(Addresses.of(Map.of("TOKENBUS_ROUTER_WORKER_SILENCE_MS", "400")));

    assertThat(settings.workerSilenceBesideOthers()).isEqualTo(Duration.ofMillis(400));
  }

  @Test
  void whereStreamsEndWithTheirWorkersNoneIsGivenUpSooner() {
    RouterSettings settings =
        RouterSettings.from(Addresses.of(Map.of("TOKENBUS_ROUTER_CONTINUE_STREAMS", "false")));

    assertThat(settings.workerSilenceBesideOthers()).isEqualTo(Duration.ofSeconds(3));
  }

  @Test
  void everyVariableOfMeteringIsRead() {
    Map<String, String> environment =
        Map.of(
            "TOKENBUS_METERING_THREADS", "3",
            "TOKENBUS_METERING_COMMIT_INTERVAL_MS", "150",
            "TOKENBUS_METERING_RETENTION_HOURS", "48");

    assertThat(MeteringSettings.from(Addresses.of(environment)))
        .isEqualTo(new MeteringSettings(3, Duration.ofMillis(150), Duration.ofDays(2)));
  }

  @Test
  void aValueThatMakesNoSenseIsNamed() {
    assertThatThrownBy(
            () -> RouterSettings.from(Addresses.of(Map.of("TOKENBUS_ROUTER_THREADS", "many"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("TOKENBUS_ROUTER_THREADS")
        .hasMessageContaining("many");
    assertThatThrownBy(() ->
            RouterSettings.from(
                Addresses.of(Map.of("TOKENBUS_ROUTER_CONTINUE_STREAMS", "perhaps"))))
        .hasMessageContaining("TOKENBUS_ROUTER_CONTINUE_STREAMS");
    assertThatThrownBy(
            () -> RouterSettings.from(Addresses.of(Map.of("TOKENBUS_ROUTER_THREADS", "0"))))
        .hasMessageContaining("at least one thread");
  }
}
