package dev.tokenbus.ingress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tokenbus.ingress.replies.live.FeedLimits;
import dev.tokenbus.runtime.config.Addresses;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class IngressSettingsTest {
  @Test
  void hasDefaultsThatServeALaptop() {
    IngressSettings settings = IngressSettings.from(Addresses.of(Map.of()));

    assertThat(settings.host()).isEqualTo("127.0.0.1");
    assertThat(settings.port()).isEqualTo(8317);
    assertThat(settings.maxBodyBytes()).isEqualTo(10_000_000);
    assertThat(settings.maxInFlight()).isEqualTo(4_000);
    assertThat(settings.deadline()).isEqualTo(Duration.ofMinutes(10));
    assertThat(settings.heartbeat()).isEqualTo(Duration.ofSeconds(10));
    assertThat(settings.commitAfter()).isEqualTo(Duration.ofSeconds(10));
    assertThat(settings.drain()).isEqualTo(Duration.ofSeconds(30));
    assertThat(settings.linger()).isEqualTo(Duration.ofSeconds(5));
    assertThat(settings.feed()).isEqualTo(new FeedLimits(256, 262_144));
    assertThat(settings.allowedOrigins()).containsExactly("*");
    assertThat(settings.instanceId())
        .isNotEqualTo(IngressSettings.from(Addresses.of(Map.of())).instanceId());
  }

  @Test
  void takesEverySettingFromTheEnvironment() {
    IngressSettings settings =
        IngressSettings.from(
            Addresses.of(
                Map.ofEntries(
                    Map.entry("TOKENBUS_HOST", "0.0.0.0"),
                    Map.entry("TOKENBUS_PORT", "0"),
                    Map.entry("TOKENBUS_INSTANCE_ID", "a"),
                    Map.entry("TOKENBUS_MAX_BODY_BYTES", "1"),
                    Map.entry("TOKENBUS_MAX_IN_FLIGHT", "2"),
                    Map.entry("TOKENBUS_DEADLINE_MS", "3"),
                    Map.entry("TOKENBUS_HEARTBEAT_MS", "4"),
                    Map.entry("TOKENBUS_COMMIT_AFTER_MS", "5"),
                    Map.entry("TOKENBUS_DRAIN_MS", "0"),
                    Map.entry("TOKENBUS_LINGER_MS", "6"),
                    Map.entry("TOKENBUS_FEED_RECORDS", "7"),
                    Map.entry("TOKENBUS_FEED_BYTES", "8"),
                    Map.entry("TOKENBUS_ALLOWED_ORIGINS", "https://a, https://b"))));

    assertThat(settings)
        .isEqualTo(
            new IngressSettings(
                "0.0.0.0",
                0,
                "a",
                1,
                2,
                Duration.ofMillis(3),
                Duration.ofMillis(4),
                Duration.ofMillis(5),
                Duration.ZERO,
                Duration.ofMillis(6),
                new FeedLimits(7, 8),
                List.of("https://a", "https://b")));
  }

  @Test
  void namesTheValueThatIsWrong() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> IngressSettings.from(Addresses.of(Map.of("TOKENBUS_PORT", "http"))))
        .withMessageContaining("TOKENBUS_PORT");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> IngressSettings.from(Addresses.of(Map.of("TOKENBUS_PORT", "65536"))))
        .withMessageContaining("TOKENBUS_PORT must be a whole number from 0 to 65535");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> IngressSettings.from(Addresses.of(Map.of("TOKENBUS_DEADLINE_MS", "0"))))
        .withMessageContaining("deadline");
  }

  @Test
  void readsVariablesAsEveryAppDoes() {
    IngressSettings settings =
        IngressSettings.from(
            Addresses.of(
                Map.of(
                    "HTTP_PORT", "8080",
                    "TOKENBUS_PORT", "${HTTP_PORT}",
                    "TOKENBUS_HOST", "${HOST_OF_NOBODY:-0.0.0.0}",
                    "TOKENBUS_MAX_IN_FLIGHT", " ")));

    assertThat(settings.port()).isEqualTo(8080);
    assertThat(settings.host()).isEqualTo("0.0.0.0");
    assertThat(settings.maxInFlight()).isEqualTo(4_000);
  }
}
