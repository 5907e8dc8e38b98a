package dev.tokenbus.router.lifecycle;

import dev.tokenbus.router.lifecycle.RequestState.Ended;
import dev.tokenbus.router.lifecycle.RequestState.Gone;
import dev.tokenbus.router.lifecycle.RequestState.Live;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.RequestStatus;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The request that runs, or has run, under an idempotency key. Requests that come later under the
 * same key get its answer instead of one of their own.
 *
 * <p>Follows from the states of the requests alone ({@link #after}), so that what a crash has left
 * of it is made good when the same events come again.
 *
 * @param request which
 * @param offset where it stands in its partition: of two that were given the key, the later has it
 * @param bodyHash of its body
 * @param until when the key is free again; null while the request runs
 */
public record KeyOwner(RequestId request, long offset, String bodyHash, @Nullable Instant until) {

  /** Whether the key is still its own. */
  boolean holds(Instant now) {
    return until == null || now.isBefore(until);
  }

  /**
   * Who owns the key after a request that names it has come into a state.
   *
   * @param before who owned it; null for nobody
   * @param keep how long after its acceptance a request that came to something keeps the key
   */
  static @Nullable KeyOwner after(@Nullable KeyOwner before, RequestState state, Duration keep) {
    return switch (state) {
      case Live live -> running(before, live.request());
      case Ended ended -> ended(before, ended, keep);
      case Gone _ -> before;
    };
  }

  /** That it runs shows that the key was free for it. */
  private static @Nullable KeyOwner running(@Nullable KeyOwner before, Request request) {
    return laterThan(before, request) ? before : of(request, null);
  }

  private static @Nullable KeyOwner ended(@Nullable KeyOwner before, Ended ended, Duration keep) {
    Request request = ended.request();
    if (before != null && before.request().equals(request.id())) {
      // Of several ends the first counts: a request that is refused for its age has ended before.
      return before.until() == null ? kept(ended, keep) : before;
    }
    return laterThan(before, request) || !cameToSomething(request) ? before : kept(ended, keep);
  }

  private static @Nullable KeyOwner kept(Ended ended, Duration keep) {
    Request request = ended.request();
    Instant until = request.outcome().getAcceptedAt().plus(keep);
    return cameToSomething(request)
        ? of(request, until.isBefore(ended.at()) ? ended.at() : until)
        : null;
  }

  private static boolean laterThan(@Nullable KeyOwner owner, Request request) {
    return owner != null && owner.offset() > request.position().offset();
  }

  /** Otherwise the client may as well try again. */
  private static boolean cameToSomething(Request request) {
    return request.outcome().getStatus() == RequestStatus.COMPLETED
        || request.outcome().getBilled() != null;
  }

  private static @Nullable KeyOwner of(Request request, @Nullable Instant until) {
    Idempotency idempotency = request.idempotency();
    return idempotency == null
        ? null
        : new KeyOwner(request.id(), request.position().offset(), idempotency.bodyHash(), until);
  }
}
