package dev.tokenbus.local.chaos;

import java.util.List;

/**
 * A model of the mock provider.
 *
 * @param name as clients ask for it
 * @param tokens of every answer
 * @param millisPerToken its speed
 */
record ChaosModel(String name, int tokens, int millisPerToken) {
  /** Short ones for many requests, long ones to be hit in the middle. */
  static final List<ChaosModel> ALL =
      List.of(
          new ChaosModel("quick", 16, 5),
          new ChaosModel("steady", 100, 20),
          new ChaosModel("slow", 200, 40));

  /** As the mock provider names it. */
  String upstream() {
    return "mock/%dx%dms/answer-%dms".formatted(tokens, millisPerToken, millisPerToken * 10);
  }
}
