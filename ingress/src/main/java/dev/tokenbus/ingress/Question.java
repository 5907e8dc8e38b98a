package dev.tokenbus.ingress;

import dev.tokenbus.ingress.protocol.Dialect;
import dev.tokenbus.ingress.protocol.EventPosition;
import dev.tokenbus.ingress.replies.ReplyFeed;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Rendering;
import org.jspecify.annotations.Nullable;

/**
 * A request that stands in the log, as far as its answer needs it: no prompt is held while the
 * answer is awaited.
 *
 * @param after the last event the client has seen already; null if it has seen none
 * @param feed of its replies, to be closed by whoever opened it
 */
record Question(
    RequestId id,
    Dialect dialect,
    Rendering rendering,
    @Nullable EventPosition after,
    ReplyFeed feed) {}
