package dev.tokenbus.router.lifecycle;

import dev.tokenbus.schemas.avro.TokenUsage;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What every reader of a request's replies takes for their end. */
public sealed interface LastWord {
  /** The router's own: the request failed. */
  record Failure() implements LastWord {}

  /**
   * A worker's: the answer is complete.
   *
   * @param attempt whose answer it is
   * @param provider who gave it
   * @param upstreamModel the model as the provider named it
   * @param usage as it stands in the log
   * @param finishReason the provider's own word
   * @param durationMs from the first record of the attempt to the last
   * @param at when it was complete
   */
  record Answer(
      int attempt,
      String provider,
      String upstreamModel,
      TokenUsage usage,
      @Nullable String providerRequestId,
      @Nullable String finishReason,
      long durationMs,
      Instant at)
      implements LastWord {}
}
