package dev.tokenbus.local;

import dev.tokenbus.runtime.catalogue.file.CatalogueFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;

/** The default catalogue: {@code simulated} and OpenAI's models. */
final class ShippedCatalogue {
  private static final String RESOURCE = "catalogue.yaml";

  private ShippedCatalogue() {}

  static CatalogueFile read(Map<String, String> environment, Instant appliedAt) {
    try (InputStream yaml =
        Objects.requireNonNull(ShippedCatalogue.class.getResourceAsStream(RESOURCE))) {
      return CatalogueFile.parse(
          "the shipped " + RESOURCE,
          new String(yaml.readAllBytes(), StandardCharsets.UTF_8),
          environment,
          appliedAt);
    } catch (IOException e) {
      throw new UncheckedIOException("The shipped catalogue cannot be read", e);
    }
  }
}
