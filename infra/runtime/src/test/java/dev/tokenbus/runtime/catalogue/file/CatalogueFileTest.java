package dev.tokenbus.runtime.catalogue.file;

import static dev.tokenbus.runtime.catalogue.file.CatalogueFileTexts.NOW;
import static dev.tokenbus.runtime.catalogue.file.CatalogueFileTexts.PROVIDER;
import static dev.tokenbus.runtime.catalogue.file.CatalogueFileTexts.entry;
import static dev.tokenbus.runtime.catalogue.file.CatalogueFileTexts.parse;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.schemas.avro.ModelEntry;
import dev.tokenbus.schemas.avro.ModelRoute;
import dev.tokenbus.schemas.avro.ProviderEntry;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CatalogueFileTest {
  @Test
  void readsEverythingThatAProviderCanSay() {
    CatalogueFile file =
        parse(
            """
            providers:
              mine:
                dialect: openai
                base-url: https://${HOST}/v1
                api-key: "${TOKENBUS_PROVIDER_MINE}"
                slots: 12
                timeouts: { connect: 500ms, first-token: 2m, stall: 10s }
                options: { organisation: acme, tier: 1.10 }
            """);

    ProviderEntry provider = entry(file, "provider/mine", ProviderEntry.class);
    assertThat(provider.getBaseUrl()).isEqualTo("https://models.example.com/v1");
    assertThat(provider.getApiKeyVariable()).isEqualTo("TOKENBUS_PROVIDER_MINE");
    assertThat(provider.getSlots()).isEqualTo(12);
    assertThat(provider.getConnectTimeoutMs()).isEqualTo(500);
    assertThat(provider.getFirstTokenTimeoutMs()).isEqualTo(120_000);
    assertThat(provider.getStallTimeoutMs()).isEqualTo(10_000);
    assertThat(provider.getOptions()).isEqualTo(Map.of("organisation", "acme", "tier", "1.10"));
    assertThat(file.warnings()).isEmpty();
  }

  @Test
  void givesAProviderTheDefaultsOfItsDialect() {
    ProviderEntry provider = entry(parse(PROVIDER), "provider/openai", ProviderEntry.class);

    assertThat(provider.getBaseUrl()).isEqualTo("https://api.openai.com/v1");
    assertThat(provider.getApiKeyVariable()).isNull();
    assertThat(provider.getSlots()).isEqualTo(100);
    assertThat(provider.getConnectTimeoutMs()).isEqualTo(10_000);
  }

  @Test
  void readsTheShortFormOfAModel() {
    ModelEntry model =
        entry(
            parse(
                PROVIDER
                    + """
                    models:
                      gpt-4.1: { provider: openai, context-window: 400000, max-output: 128000, capabilities: [tools, vision] }
                    """),
            "model/gpt-4.1",
            ModelEntry.class);

    assertThat(model.getRoutes()).containsExactly(new ModelRoute("openai", "gpt-4.1", 1));
    assertThat(model.getContextWindow()).isEqualTo(400_000);
    assertThat(model.getMaxOutputTokens()).isEqualTo(128_000);
    assertThat(model.getCapabilities()).containsExactly("tools", "vision");
    assertThat(model.getCreated()).isEqualTo(NOW);
  }

  @Test
  void readsRoutesInTheirOrder() {
    ModelEntry model =
        entry(
            parse(
                """
                providers:
                  a: { dialect: simulated }
                  b: { dialect: openai }
                models:
                  fast:
                    routes:
                      - { provider: b, model: gpt-5-nano }
                      - { provider: a }
                """),
            "model/fast",
            ModelEntry.class);

    assertThat(model.getRoutes())
        .containsExactly(new ModelRoute("b", "gpt-5-nano", 1), new ModelRoute("a", "fast", 1));
  }

  @Test
  void usesTheDefaultOfAVariableThatIsNotSet() {
    CatalogueFile file =
        parse(
            """
            providers:
              a: { dialect: openai, base-url: "http://${NOBODY:-127.0.0.1}:9000${BLANK:-}/v1" }
            """);

    assertThat(entry(file, "provider/a", ProviderEntry.class).getBaseUrl())
        .isEqualTo("http://127.0.0.1:9000/v1");
  }
}
