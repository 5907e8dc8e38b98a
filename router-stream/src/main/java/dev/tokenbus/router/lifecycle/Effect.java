package dev.tokenbus.router.lifecycle;

import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.CallTimeouts;
import dev.tokenbus.schemas.avro.Control;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.RequestFinished;

/** What a transition does to the world. Every effect may be repeated without harm. */
public sealed interface Effect {
  /** To topic {@code replies}. */
  record Say(Reply reply) implements Effect {}

  /** To the work topic of the attempt's provider, with the request's body. */
  record Dispatch(Request request, Attempt attempt, CallTimeouts timeouts) implements Effect {}

  /** To topic {@code control}. */
  record Order(Control control) implements Effect {}

  /** To be found out: the last word that readers of the request's replies see. */
  record Find(RequestId request) implements Effect {}

  /** To topic {@code outcomes}. */
  record Conclude(RequestFinished finished) implements Effect {}
}
