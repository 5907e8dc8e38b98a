package dev.tokenbus.projections.store;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StorableTextTest {
  @Test
  void replacesOnlyWhatPostgresRefuses() {
    assertThat(StorableText.text("a\0b\uD83D\uDE00")).isEqualTo("a\uFFFDb\uD83D\uDE00");
    assertThat(StorableText.text(null)).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"prompt_tokens\": 1.50, \"x\":[true,null]}",
        "\"\\ud83d\\ude00\"",
        "17",
        "{}",
        "[\"a\"]"
      })
  void leavesJsonToTheLetter(String json) {
    assertThat(StorableText.json(json)).isEqualTo(json);
  }

  @Test
  void wrapsWhatIsNotJsonOrNotStorable() {
    assertThat(StorableText.json("{\"a\":")).isEqualTo("\"{\\\"a\\\":\"");
    assertThat(StorableText.json("{} x")).isEqualTo("\"{} x\"");
    assertThat(StorableText.json("")).isEqualTo("\"\"");
    assertThat(StorableText.json("\"a\\u0000b\"")).isEqualTo("\"\\\"a\\\\u0000b\\\"\"");
    assertThat(StorableText.json("\"\\ud83d\"")).isEqualTo("\"\\\"\\\\ud83d\\\"\"");
    assertThat(StorableText.json("a\0b")).isEqualTo("\"a\uFFFDb\"");
    assertThat(StorableText.json(null)).isNull();
  }
}
