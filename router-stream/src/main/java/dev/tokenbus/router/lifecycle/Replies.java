package dev.tokenbus.router.lifecycle;

import dev.tokenbus.schemas.avro.Admitted;
import dev.tokenbus.schemas.avro.Failed;
import dev.tokenbus.schemas.avro.Rejected;
import dev.tokenbus.schemas.avro.Rendering;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.RequestFinished;
import java.time.Instant;

/** What the router says to the client. */
final class Replies {
  private Replies() {}

  static Reply admitted(Request request, boolean stream, boolean includeUsage, Instant now) {
    return reply(
        request,
        0,
        now,
        new Admitted(rendering(request, stream, includeUsage), request.deadline()));
  }

  static Reply rejected(RequestState.Accepted accepted, Failure failure, Instant now) {
    return reply(
        accepted.request(),
        0,
        now,
        new Rejected(
            rendering(accepted.request(), accepted.stream(), accepted.includeUsage()),
            failure.code(),
            failure.message(),
            failure.param(),
            failure.retryAfterMs()));
  }

  /** Stands as an attempt after the last, and so fences off whatever the last may still write. */
  static Reply failed(Request request, Failure failure, Instant now) {
    return reply(
        request,
        request.attempts() + 1,
        now,
        new Failed(
            failure.code(),
            failure.message(),
            failure.param(),
            failure.provider(),
            failure.providerStatus(),
            failure.retryAfterMs()));
  }

  private static Rendering rendering(Request request, boolean stream, boolean includeUsage) {
    RequestFinished known = request.outcome();
    return new Rendering(
        known.getTenant(),
        known.getKeyId(),
        known.getProtocol(),
        known.getModelAsked(),
        known.getAcceptedAt(),
        stream,
        includeUsage,
        known.getSession());
  }

  private static Reply reply(Request request, int attempt, Instant now, Object event) {
    return new Reply(request.outcome().getRequestId(), attempt, 0L, 0, now, event);
  }
}
