package dev.tokenbus.chaos.client;

import java.util.List;

/**
 * A model of the mock provider.
 *
 * @param name as clients ask for it
 * @param tokens of every answer
 * @param millisPerToken its speed
 * @param repeatable whether it gives the same text for the same prompt, and can be prefilled;
 *     another can only be told by an instruction to go on
 */
record MockModel(String name, int tokens, int millisPerToken, boolean repeatable) {
  /** Short answers for many requests, and long ones that faults hit in the middle. */
  static final List<MockModel> ALL =
      List.of(
          new MockModel("quick", 16, 5, true),
          new MockModel("steady", 100, 20, true),
          new MockModel("slow", 200, 40, true));

  /** Streams of a minute whose text nobody can foresee. */
  static final MockModel NEVER_THE_SAME = new MockModel("never-the-same", 600, 100, false);

  /** As the mock provider names it. */
  String upstream() {
    return "mock/%dx%dms/answer-%dms%s"
        .formatted(
            tokens,
            millisPerToken,
            millisPerToken * 10,
            repeatable ? "" : "/never-the-same/noprefill");
  }
}
