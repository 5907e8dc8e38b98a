package dev.tokenbus.workers.attempt;

import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.AttemptDispatched;
import dev.tokenbus.schemas.avro.CallTimeouts;
import dev.tokenbus.schemas.avro.Rendering;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a run needs of its dispatch: everything but the request's body, which may be 10 MB and is
 * not needed any more once it is on its way to the provider.
 *
 * @param lane key of the reports, where it is not the tenant
 * @param claim random number of this run
 * @param repliesFrom offset from which the request's records are to be read; null where only the
 *     time in the request id tells
 * @param rendering for the opening record
 * @param predecessorClaim the run whose silence led to this attempt; null where it ended otherwise
 */
record AttemptSpec(
    RequestId requestId,
    String tenant,
    @Nullable String lane,
    String keyId,
    int attempt,
    long claim,
    String provider,
    String model,
    String upstreamModel,
    Instant dispatchedAt,
    Instant deadline,
    CallTimeouts timeouts,
    @Nullable Long repliesFrom,
    @Nullable Rendering rendering,
    @Nullable Long predecessorClaim) {
  /**
   * Takes from a dispatch what a run needs.
   *
   * @throws IllegalArgumentException if the dispatch names no request id of ours
   */
  static AttemptSpec of(AttemptDispatched dispatched, long claim) {
    return new AttemptSpec(
        RequestId.parse(dispatched.getRequestId()),
        dispatched.getTenant(),
        dispatched.getLane(),
        dispatched.getKeyId(),
        dispatched.getAttempt(),
        claim,
        dispatched.getProvider(),
        dispatched.getModel(),
        dispatched.getUpstreamModel(),
        dispatched.getDispatchedAt(),
        dispatched.getDeadline(),
        dispatched.getTimeouts(),
        dispatched.getRepliesFrom(),
        dispatched.getRendering(),
        dispatched.getPredecessorClaim());
  }

  /** Identifies the attempt, but not one of its runs. */
  String attemptKey() {
    return requestId + "/" + attempt;
  }
}
