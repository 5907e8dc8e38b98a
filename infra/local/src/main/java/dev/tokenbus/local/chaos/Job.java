package dev.tokenbus.local.chaos;

import dev.tokenbus.bench.provider.MockText;

/**
 * A request and what must come back.
 *
 * @param key idempotency key: one per job, whatever it takes
 * @param model as the catalogue names it
 * @param prompt the answer depends on it alone
 * @param expected the whole text
 * @param kind how the client behaves
 */
record Job(String key, String model, String prompt, String expected, Kind kind) {
  /** How a client behaves. */
  enum Kind {
    /** Reads the stream and takes it up again where it broke. */
    STREAM,
    /** Wants the whole answer in one piece and asks again when it does not come. */
    WHOLE,
    /** Goes away in the middle of the stream and never comes back. */
    DESERT
  }

  static Job of(String key, ChaosModel model, Kind kind) {
    String prompt = "chaos " + key;
    return new Job(key, model.name(), prompt, MockText.text(prompt, model.tokens()), kind);
  }
}
