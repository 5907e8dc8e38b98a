package dev.tokenbus.ingress;

import dev.tokenbus.ingress.protocol.Dialect;
import dev.tokenbus.ingress.replies.ReplyFeed;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Rendering;

/**
 * A request that stands in the log, as far as its answer needs it: no prompt is held while the
 * answer is awaited.
 *
 * @param feed of its replies, to be closed by the owner
 */
record AcceptedRequest(
    RequestId id,
    Dialect dialect,
    Rendering rendering,
    Caller caller,
    Acceptance acceptance,
    ReplyFeed feed) {}
