package dev.tokenbus.chaos.client;

import java.net.URI;

/** The catalogue of a chaos run: the mock provider and its models. */
public final class ChaosCatalogue {
  private ChaosCatalogue() {}

  /** The catalogue file for a mock provider at this base URL. */
  public static String of(URI provider) {
    StringBuilder text = new StringBuilder();
    text.append(
        """
        providers:
          mock: { dialect: openai, base-url: "%s", slots: 100, timeouts: { stall: 15s } }
        models:
        """
            .formatted(provider));
    MockModel.ALL.forEach(model -> text.append(line(model, "")));
    text.append(line(MockModel.NEVER_THE_SAME, ", capabilities: [ instruction ]"));
    return text.toString();
  }

  private static String line(MockModel model, String more) {
    return "  %s: { provider: mock, model: \"%s\"%s }%n"
        .formatted(model.name(), model.upstream(), more);
  }
}
