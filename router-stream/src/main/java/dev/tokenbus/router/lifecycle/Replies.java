package dev.tokenbus.router.lifecycle;

import dev.tokenbus.schemas.avro.Admitted;
import dev.tokenbus.schemas.avro.Attached;
import dev.tokenbus.schemas.avro.Failed;
import dev.tokenbus.schemas.avro.Rejected;
import dev.tokenbus.schemas.avro.Reply;
import java.time.Instant;

/** Builds the router's replies to the client. */
final class Replies {
  private Replies() {}

  static Reply admitted(Request request, Instant now) {
    return reply(
        request,
        0,
        now,
        Admitted.newBuilder()
            .setRendering(request.rendering())
            .setDeadline(request.deadline())
            .build());
  }

  static Reply rejected(RequestState.Accepted accepted, Failure failure, Instant now) {
    return reply(
        accepted.request(),
        0,
        now,
        Rejected.newBuilder()
            .setRendering(accepted.request().rendering())
            .setCode(failure.code())
            .setMessage(failure.message())
            .setParam(failure.param())
            .setRetryAfterMs(failure.retryAfterMs())
            .build());
  }

  /** Refers to the answer of the request that owns the idempotency key. */
  static Reply attached(RequestState.Accepted accepted, IdempotencyEntry owner, Instant now) {
    return reply(
        accepted.request(),
        0,
        now,
        Attached.newBuilder()
            .setRendering(accepted.request().rendering())
            .setRequestId(owner.request().toString())
            .build());
  }

  /**
   * Carries the attempt number after the last one, and so fences off what the last attempt may
   * still write.
   */
  static Reply failed(Request request, Failure failure, Instant now) {
    return reply(
        request,
        request.attempts() + 1,
        now,
        Failed.newBuilder()
            .setCode(failure.code())
            .setMessage(failure.message())
            .setParam(failure.param())
            .setProvider(failure.provider())
            .setProviderStatus(failure.providerStatus())
            .setRetryAfterMs(failure.retryAfterMs())
            .build());
  }

  private static Reply reply(Request request, int attempt, Instant now, Object event) {
    return Reply.newBuilder()
        .setRequestId(request.outcome().getRequestId())
        .setAttempt(attempt)
        .setClaim(0)
        .setSequence(0)
        .setAt(now)
        .setEvent(event)
        .build();
  }
}
