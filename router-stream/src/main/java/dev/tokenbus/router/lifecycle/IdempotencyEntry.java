package dev.tokenbus.router.lifecycle;

import dev.tokenbus.router.lifecycle.RequestState.Closing;
import dev.tokenbus.router.lifecycle.RequestState.Ended;
import dev.tokenbus.router.lifecycle.RequestState.Live;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.RequestStatus;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The request that owns an idempotency key. Later requests with the same key get its answer and are
 * not run.
 *
 * <p>It follows from the states of the requests alone ({@link #after}), so that reprocessing the
 * same events repairs what a crash has left of it.
 *
 * @param request which
 * @param offset its offset in its partition: of two requests that were given the key, the later one
 *     owns it
 * @param bodyHash of its body
 * @param until when the key is free again; null while the request runs
 */
public record IdempotencyEntry(
    RequestId request, long offset, String bodyHash, @Nullable Instant until) {

  /** Whether the request still owns the key. */
  boolean holds(Instant now) {
    return until == null || now.isBefore(until);
  }

  /**
   * The owner of the key after a request that names it has entered a state.
   *
   * @param before the owner before; null where the key was free
   * @param keep how long after its acceptance a request with output keeps the key
   */
  static @Nullable IdempotencyEntry after(
      @Nullable IdempotencyEntry before, RequestState state, Duration keep) {
    return switch (state) {
      case Closing closing when closing.unheard() -> released(before, closing.request());
      case Live live -> running(before, live.request());
      case Ended ended -> ended(before, ended, keep);
    };
  }

  /** The request runs, so the key was free for it. */
  private static @Nullable IdempotencyEntry running(
      @Nullable IdempotencyEntry before, Request request) {
    return laterThan(before, request) ? before : of(request, null);
  }

  /** It is over, and nobody is known to have begun it: the client may try again at once. */
  private static @Nullable IdempotencyEntry released(
      @Nullable IdempotencyEntry before, Request request) {
    return before != null && before.request().equals(request.id()) ? null : before;
  }

  private static @Nullable IdempotencyEntry ended(
      @Nullable IdempotencyEntry before, Ended ended, Duration keep) {
    Request request = ended.request();
    if (before != null && before.request().equals(request.id())) {
      // The first of several ends counts: a request that is refused for its age has ended before.
      return before.until() == null ? kept(ended, keep) : before;
    }
    return laterThan(before, request) || !cameToSomething(request) ? before : kept(ended, keep);
  }

  private static @Nullable IdempotencyEntry kept(Ended ended, Duration keep) {
    Request request = ended.request();
    Instant until = request.outcome().getAcceptedAt().plus(keep);
    return cameToSomething(request)
        ? of(request, until.isBefore(ended.at()) ? ended.at() : until)
        : null;
  }

  private static boolean laterThan(@Nullable IdempotencyEntry owner, Request request) {
    return owner != null && owner.offset() > request.position().offset();
  }

  /** Without output the client may try again. */
  private static boolean cameToSomething(Request request) {
    return request.outcome().getStatus() == RequestStatus.COMPLETED
        || request.outcome().getBilled() != null;
  }

  private static @Nullable IdempotencyEntry of(Request request, @Nullable Instant until) {
    Idempotency idempotency = request.idempotency();
    return idempotency == null
        ? null
        : new IdempotencyEntry(
            request.id(), request.position().offset(), idempotency.bodyHash(), until);
  }
}
