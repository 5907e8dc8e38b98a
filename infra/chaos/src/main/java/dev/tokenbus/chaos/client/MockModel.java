package dev.tokenbus.chaos.client;

import java.util.List;

/**
 * A model of the mock provider.
 *
 * @param name as clients ask for it
 * @param tokens of every answer
 * @param millisPerToken its speed
 */
record MockModel(String name, int tokens, int millisPerToken) {
  /** Short answers for many requests, and long ones that faults hit in the middle. */
  static final List<MockModel> ALL =
      List.of(
          new MockModel("quick", 16, 5),
          new MockModel("steady", 100, 20),
          new MockModel("slow", 200, 40));

  /** As the mock provider names it. */
  String upstream() {
    return "mock/%dx%dms/answer-%dms".formatted(tokens, millisPerToken, millisPerToken * 10);
  }
}
