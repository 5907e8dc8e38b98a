package dev.tokenbus.runtime.catalogue.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Reads catalogue files that stand in tests. */
final class CatalogueFileTexts {
  static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");
  static final String KEY = "tb_0123456789abcdef0123456789abcdef";
  static final String PROVIDER =
      """
      providers:
        openai: { dialect: openai }
      """;
  private static final Map<String, String> ENVIRONMENT =
      Map.of("ACME_WEB_KEY", KEY, "HOST", "models.example.com", "BLANK", " ", "SHORT", "abc");

  private CatalogueFileTexts() {}

  static CatalogueFile parse(String yaml) {
    return CatalogueFile.parse("c.yaml", yaml, ENVIRONMENT, NOW);
  }

  static List<String> problems(String yaml) {
    return catchThrowableOfType(CatalogueFileException.class, () -> parse(yaml)).problems();
  }

  static <T> T entry(CatalogueFile file, String key, Class<T> type) {
    assertThat(file.entries()).containsKey(key);
    return type.cast(Objects.requireNonNull(file.entries().get(key)).getEntry());
  }
}
