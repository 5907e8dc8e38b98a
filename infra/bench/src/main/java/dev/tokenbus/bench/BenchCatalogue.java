package dev.tokenbus.bench;

/** The catalogue that puts the mock behind Tokenbus, one model per scenario. */
final class BenchCatalogue {
  private static final int SLOTS = 1024; // more than the streams of any scenario

  private BenchCatalogue() {}

  static String yaml(int mockPort) {
    StringBuilder yaml = new StringBuilder();
    yaml.append("providers:\n  mock:\n    dialect: openai\n    base-url: http://127.0.0.1:");
    yaml.append(mockPort).append("/v1\n    slots: ").append(SLOTS).append("\nmodels:\n");
    for (Scenario scenario : Scenario.values()) {
      yaml.append("  ").append(scenario.model()).append(": { provider: mock, model: ");
      yaml.append(scenario.mockModel());
      // A window would be too small for a large body, and none is checked where none is named.
      yaml.append(scenario == Scenario.LARGE_BODIES ? " }\n" : ", context-window: 100000 }\n");
    }
    return yaml.toString();
  }
}
