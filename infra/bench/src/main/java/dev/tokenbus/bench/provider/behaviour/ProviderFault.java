package dev.tokenbus.bench.provider.behaviour;

import java.util.OptionalInt;

/** What goes wrong with an answer. Faults "after" a number of tokens concern streams only. */
public sealed interface ProviderFault {
  /** Nothing goes wrong. */
  record None() implements ProviderFault {}

  /** An error answer in place of the answer, with {@code Retry-After} in seconds when given. */
  record Status(int status, OptionalInt retryAfterSeconds) implements ProviderFault {
    public Status {
      if (status < 400 || status > 599) {
        throw new IllegalArgumentException("not an error status: " + status);
      }
    }
  }

  /** The connection is cut after so many tokens: FIN without the last chunk, or RST. */
  record Cut(int after, boolean reset) implements ProviderFault {}

  /** Nothing more comes after so many tokens; the connection stays open. */
  record Stall(int after) implements ProviderFault {}

  /** An event with broken JSON comes after so many tokens; then the stream goes on. */
  record Malformed(int after) implements ProviderFault {}

  /** An error object comes after so many tokens and ends the stream, without {@code [DONE]}. */
  record ErrorEvent(int after) implements ProviderFault {}
}
