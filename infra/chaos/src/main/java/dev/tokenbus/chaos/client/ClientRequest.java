package dev.tokenbus.chaos.client;

import dev.tokenbus.bench.provider.MockText;
import java.util.Optional;

/**
 * A request and its expected answer.
 *
 * @param key idempotency key, the same for every repetition
 * @param model as the catalogue names it
 * @param prompt the answer depends on it alone
 * @param expected the whole text; empty if nobody can foresee it
 * @param kind how the client behaves
 */
public record ClientRequest(
    String key, String model, String prompt, Optional<String> expected, Kind kind) {
  /** How a client behaves. */
  public enum Kind {
    /** Reads the stream and resumes it where it broke. */
    STREAM,
    /** Reads an answer that is not streamed and repeats the request if it fails. */
    WHOLE,
    /** Disconnects in the middle of the stream and never resumes it. */
    ABANDON
  }

  static ClientRequest of(String key, MockModel model, Kind kind) {
    String prompt = "chaos " + key;
    return new ClientRequest(
        key,
        model.name(),
        prompt,
        model.repeatable() ? Optional.of(MockText.text(prompt, model.tokens())) : Optional.empty(),
        kind);
  }
}
