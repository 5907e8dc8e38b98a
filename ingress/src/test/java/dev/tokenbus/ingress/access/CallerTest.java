package dev.tokenbus.ingress.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.schemas.avro.ClientGone;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CallerTest {
  @ParameterizedTest
  @CsvSource({
    "*, org/gpt-5.1, true",
    "gpt-5, gpt-5, true",
    "gpt-5, gpt-5-mini, false",
    "gpt-5*, gpt-5-mini, true",
    "*-mini, gpt-5-mini, true",
    "g*-*i, gpt-5-mini, true",
    "gpt.5, gpt-5, false",
    "org/*, other/gpt, false"
  })
  void matchesModelsByPatternsOfAnyText(String pattern, String model, boolean matches) {
    assertThat(caller(List.of("nothing", pattern)).mayUse(model)).isEqualTo(matches);
  }

  @Test
  void mayUseEveryModelWithoutPatternsAndNoneWithAnEmptyList() {
    assertThat(caller(null).mayUse("gpt-5")).isTrue();
    assertThat(caller(List.of()).mayUse("gpt-5")).isFalse();
  }

  private static Caller caller(@Nullable List<String> models) {
    return new Caller("acme", "web", null, null, models, ClientGone.CONTINUE);
  }
}
