package dev.tokenbus.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.runtime.catalogue.Catalogue;
import dev.tokenbus.runtime.catalogue.file.CatalogueFile;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ShippedCatalogueTest {
  @Test
  void servesSimulatedAndOpenAisModels() {
    CatalogueFile file = ShippedCatalogue.read(Map.of(), Instant.EPOCH);

    Catalogue catalogue = Catalogue.of(file.entries());
    assertThat(file.warnings()).isEmpty();
    assertThat(catalogue.model("simulated")).isPresent();
    assertThat(catalogue.provider("openai").orElseThrow().getApiKeyVariable())
        .isEqualTo("OPENAI_API_KEY");
    assertThat(catalogue.model("gpt-5-mini").orElseThrow().getContextWindow()).isEqualTo(400_000);
    assertThat(catalogue.model("gpt-4o").orElseThrow().getContextWindow()).isEqualTo(128_000);
    assertThat(catalogue.models()).hasSizeGreaterThan(15);
  }
}
