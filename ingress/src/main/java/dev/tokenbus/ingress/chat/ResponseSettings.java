package dev.tokenbus.ingress.chat;

import dev.tokenbus.ingress.replies.live.FeedLimits;
import java.time.Duration;

/**
 * How responses are waited for and written.
 *
 * @param deadline how long after its acceptance a request fails if it has not ended
 * @param heartbeat after this much silence a stream gets a comment
 * @param commitAfter how long after its admission a stream may still fail with an error status
 * @param feed how much of a response may wait in memory for a slow client
 */
public record ResponseSettings(
    Duration deadline, Duration heartbeat, Duration commitAfter, FeedLimits feed) {}
