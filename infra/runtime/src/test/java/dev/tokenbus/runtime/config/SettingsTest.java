package dev.tokenbus.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SettingsTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  @Test
  void readsWhatIsSetAndOtherwiseTheDefault() {
    Settings settings =
        of(
            Map.of(
                "TOKENBUS_X_COUNT", " 7 ",
                "TOKENBUS_X_WAIT_MS", "250",
                "TOKENBUS_X_ON", "false",
                "TOKENBUS_X_WORDS", "a, b,,c",
                "TOKENBUS_X_BLANK", " "));

    assertThat(settings.number("COUNT", 1)).isEqualTo(7);
    assertThat(settings.number("ABSENT", 1)).isEqualTo(1);
    assertThat(settings.number("BLANK", 3)).isEqualTo(3);
    assertThat(settings.millis("WAIT_MS", SECOND)).hasMillis(250);
    assertThat(settings.millis("ABSENT_MS", SECOND)).isEqualTo(SECOND);
    assertThat(settings.flag("ON", true)).isFalse();
    assertThat(settings.flag("ABSENT", true)).isTrue();
    assertThat(settings.words("WORDS", List.of())).containsExactly("a", "b", "c");
    assertThat(settings.words("ABSENT", List.of("*"))).containsExactly("*");
  }

  @Test
  void followsReferencesToOtherVariables() {
    Settings settings =
        of(
            Map.of(
                "HOST", "kafka-0",
                "TOKENBUS_X_URL", "http://${HOST}:${PORT:-8317}/v1",
                "TOKENBUS_X_BAD", "${NOBODY}"));

    assertThat(settings.text("URL")).contains("http://kafka-0:8317/v1");
    assertThatThrownBy(() -> settings.text("BAD"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("TOKENBUS_X_BAD")
        .hasMessageContaining("NOBODY");
  }

  @Test
  void namesTheVariableThatIsWrong() {
    Settings settings =
        of(
            Map.of(
                "TOKENBUS_X_COUNT", "many",
                "TOKENBUS_X_LARGE", "99999999999",
                "TOKENBUS_X_WAIT_MS", "-1",
                "TOKENBUS_X_ON", "yes"));

    assertThatThrownBy(() -> settings.number("COUNT", 1))
        .hasMessage("TOKENBUS_X_COUNT must be a whole number from 0 to 2147483647, was \"many\"");
    assertThatThrownBy(() -> settings.number("LARGE", 1)).hasMessageContaining("TOKENBUS_X_LARGE");
    assertThatThrownBy(() -> settings.millis("WAIT_MS", SECOND))
        .hasMessageContaining("TOKENBUS_X_WAIT_MS");
    assertThatThrownBy(() -> settings.flag("ON", false))
        .hasMessage("TOKENBUS_X_ON must be true or false, was \"yes\"");
    assertThatThrownBy(() -> settings.number("COUNT", 1, 1, 5)).hasMessageContaining("from 1 to 5");
  }

  private static Settings of(Map<String, String> environment) {
    return new Settings(Addresses.of(environment), "TOKENBUS_X_");
  }
}
