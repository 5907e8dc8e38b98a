package dev.tokenbus.router.lifecycle;

import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.CallTimeouts;
import dev.tokenbus.schemas.avro.ContinuationPolicy;
import dev.tokenbus.schemas.avro.Control;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.RequestFinished;
import org.jspecify.annotations.Nullable;

/** What a transition makes the router do. Every effect may be repeated without harm. */
public sealed interface Effect {
  /** Writes a reply to topic {@code replies}. */
  record SendReply(Reply reply) implements Effect {}

  /**
   * Writes a dispatch to the work topic of the attempt's provider, with the request's body or where
   * it is.
   *
   * @param predecessor the run whose stream the attempt continues; null for a fresh attempt
   */
  record Dispatch(Request request, Attempt attempt, Terms terms, @Nullable Predecessor predecessor)
      implements Effect {}

  /**
   * The terms of a call.
   *
   * @param continuation null where the catalogue does not hold the deployment
   * @param region where the provider runs the model; null where that is not known
   * @param maxOutputTokens the most that policy allows; null where it allows what the client asks
   */
  record Terms(
      CallTimeouts timeouts,
      @Nullable ContinuationPolicy continuation,
      @Nullable String region,
      @Nullable Long maxOutputTokens) {}

  /** Writes a cancel command to topic {@code control}. */
  record SendCancel(Control control) implements Effect {}

  /**
   * Looks for the final reply that readers of the request's reply stream see.
   *
   * @param repliesFrom an offset not behind the request's first reply; null where none is known
   */
  record FindFinalReply(RequestId request, @Nullable Long repliesFrom) implements Effect {}

  /** Writes an outcome to topic {@code outcomes}. */
  record PublishOutcome(RequestFinished finished) implements Effect {}
}
