package dev.tokenbus.router.lifecycle;

import dev.tokenbus.schemas.avro.TokenUsage;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The reply that every reader of a request's reply stream takes for its end. */
public sealed interface FinalReply {
  /** The log is still being read for it. */
  record Pending() implements FinalReply {}

  /**
   * The router's own reply: the request failed.
   *
   * @param delivered the output that clients have seen before, as far as the log could be read;
   *     null where they have seen none
   */
  record NoAnswer(@Nullable Delivered delivered) implements FinalReply {}

  /**
   * A worker's reply: the answer is complete.
   *
   * @param attempt the attempt that gave the answer
   * @param claim the run of the attempt
   * @param provider who gave it
   * @param upstreamModel the provider's own name of the model
   * @param usage as the log holds it
   * @param finishReason the provider's own word
   * @param durationMs from the first record of the attempt to the last
   * @param at when it was complete
   */
  record Answer(
      int attempt,
      long claim,
      String provider,
      String upstreamModel,
      TokenUsage usage,
      @Nullable String providerRequestId,
      @Nullable String finishReason,
      long durationMs,
      Instant at)
      implements FinalReply {}

  /**
   * Output of a request that failed.
   *
   * @param attempt the last attempt with output
   * @param claim its run
   * @param usage of all output in the log, counted by the provider as far as it said, estimated
   *     otherwise; no input tokens where nobody has counted them
   * @param durationMs from the first record of the attempt to its last
   */
  record Delivered(
      int attempt,
      long claim,
      String provider,
      String upstreamModel,
      TokenUsage usage,
      long durationMs) {}
}
