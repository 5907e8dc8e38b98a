package dev.tokenbus.local.chaos;

import java.net.URI;

/** A catalogue that names the mock provider and its models. */
final class CatalogueText {
  private CatalogueText() {}

  static String naming(URI provider) {
    StringBuilder text = new StringBuilder();
    text.append(
        """
        providers:
          mock: { dialect: openai, base-url: "%s", slots: 100, timeouts: { stall: 15s } }
        models:
        """
            .formatted(provider));
    for (ChaosModel model : ChaosModel.ALL) {
      text.append(
          "  %s: { provider: mock, model: \"%s\" }%n".formatted(model.name(), model.upstream()));
    }
    return text.toString();
  }
}
