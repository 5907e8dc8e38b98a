package dev.tokenbus.ingress.chat;

import dev.tokenbus.ingress.protocol.Dialect;
import dev.tokenbus.ingress.protocol.EventPosition;
import dev.tokenbus.ingress.replies.ReplyFeed;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Rendering;
import org.jspecify.annotations.Nullable;

/**
 * What rendering a response needs of its request, which is in the log. It holds no prompt.
 *
 * @param after the last event the client has seen; null if it has seen none
 * @param feed the request's replies; whoever opened the feed closes it
 */
public record ResponseContext(
    RequestId id,
    Dialect dialect,
    Rendering rendering,
    @Nullable EventPosition after,
    ReplyFeed feed) {}
