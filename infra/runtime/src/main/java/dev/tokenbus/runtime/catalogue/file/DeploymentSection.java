package dev.tokenbus.runtime.catalogue.file;

import dev.tokenbus.schemas.avro.DataPolicy;
import dev.tokenbus.schemas.avro.DeploymentEntry;
import java.util.List;
import java.util.Optional;

/** Reads {@code providers.<name>.deployments.<model>}. */
final class DeploymentSection {
  static final long MOST_TOKENS = 1_000_000_000L;

  private DeploymentSection() {}

  static DeploymentEntry read(String provider, String model, CatalogueSection section) {
    DeploymentEntry.Builder deployment =
        DeploymentEntry.newBuilder().setProvider(provider).setModel(model);
    if (section.has("capabilities")) {
      deployment.setCapabilities(section.texts("capabilities"));
    }
    section.positive("context-window", MOST_TOKENS).ifPresent(deployment::setContextWindow);
    section.positive("max-output", MOST_TOKENS).ifPresent(deployment::setMaxOutputTokens);
    if (section.has("continuation")) {
      List<String> ways = section.texts("continuation");
      ways.stream()
          .filter(way -> !way.equals("prefill") && !way.equals("instruction"))
          .forEach(way ->
              section.fail("continuation", "\"" + way + "\" is neither prefill nor instruction"));
      deployment.setContinuation(ways);
    }
    section.text("region").ifPresent(deployment::setRegion);
    section.text("price").ifPresent(deployment::setPrice);
    dataPolicy(section).ifPresent(deployment::setDataPolicy);
    // Asked for, so that a misspelt key is held against all that are known.
    section.declare("capabilities", "continuation");
    return deployment.build();
  }

  static Optional<DataPolicy> dataPolicy(CatalogueSection section) {
    return section
        .mapping("data")
        .map(data -> {
          DataPolicy.Builder read = DataPolicy.newBuilder();
          data.value("trains", Formats::flag).ifPresent(read::setTrains);
          data.value("zero-retention", Formats::flag).ifPresent(read::setZeroRetention);
          data.finish();
          return read.build();
        });
  }
}
