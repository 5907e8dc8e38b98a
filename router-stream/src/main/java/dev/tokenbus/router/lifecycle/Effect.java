package dev.tokenbus.router.lifecycle;

import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.CallTimeouts;
import dev.tokenbus.schemas.avro.Control;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.RequestFinished;

/** What a transition makes the router do. Every effect may be repeated without harm. */
public sealed interface Effect {
  /** Writes a reply to topic {@code replies}. */
  record SendReply(Reply reply) implements Effect {}

  /** Writes a dispatch to the work topic of the attempt's provider, with the request's body. */
  record Dispatch(Request request, Attempt attempt, CallTimeouts timeouts) implements Effect {}

  /** Writes a cancel command to topic {@code control}. */
  record SendCancel(Control control) implements Effect {}

  /** Looks for the final reply that readers of the request's reply stream see. */
  record FindFinalReply(RequestId request) implements Effect {}

  /** Writes an outcome to topic {@code outcomes}. */
  record PublishOutcome(RequestFinished finished) implements Effect {}
}
