package dev.tokenbus.router.lifecycle;

import dev.tokenbus.router.lifecycle.RequestState.Ended;
import dev.tokenbus.router.lifecycle.RequestState.Live;
import dev.tokenbus.schemas.ErrorCode;
import dev.tokenbus.schemas.avro.AttemptEvent;
import dev.tokenbus.schemas.avro.AttemptFinished;
import dev.tokenbus.schemas.avro.BilledAttempt;
import dev.tokenbus.schemas.avro.CancelReason;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.RequestFinished;
import dev.tokenbus.schemas.avro.RequestStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How requests end: one outcome, and a last word to the client where the worker has not said it.
 */
final class Endings {
  private final Policy policy;

  Endings(Policy policy) {
    this.policy = policy;
  }

  Step rejected(RequestState.Accepted state, Failure failure, Cause cause, Instant now) {
    RequestFinished outcome = outcome(state.request(), RequestStatus.REJECTED, failure, null, now);
    return step(state.end(outcome, cause, now, Replies.rejected(state, failure, now)), now);
  }

  /** Is never run: the client gets the answer of the request that owns the idempotency key. */
  Step attached(RequestState.Accepted state, KeyOwner owner, Instant now) {
    Failure repeat =
        Failure.of(
            ErrorCode.IDEMPOTENT_REPEAT,
            "Repeats request " + owner.request() + " under its idempotency key");
    RequestFinished outcome = outcome(state.request(), RequestStatus.REJECTED, repeat, null, now);
    return step(
        state.end(outcome, Cause.ACCEPTANCE, now, Replies.attached(state, owner, now)), now);
  }

  /** The answer stands complete in the reply log. */
  Step completed(
      Live state, Attempt attempt, AttemptEvent event, AttemptFinished finished, Instant now) {
    RequestFinished outcome =
        outcome(
            state.request(),
            RequestStatus.COMPLETED,
            null,
            Costs.billed(attempt, finished),
            event.getAt());
    return step(state.end(outcome, Cause.report(event), now, null), now);
  }

  /** Stopped because the client or time wanted it so: what was produced is billed. */
  Step stopped(
      Live state,
      Attempt attempt,
      RequestStatus status,
      Failure failure,
      AttemptEvent event,
      AttemptFinished finished,
      Instant now) {
    boolean produced = finished.getDelivered() || finished.getUsage() != null;
    RequestFinished outcome =
        outcome(
            state.request(),
            status,
            failure,
            produced ? Costs.billed(attempt, finished) : null,
            event.getAt());
    return step(
        state.end(outcome, Cause.report(event), now, Replies.failed(state.request(), failure, now)),
        now);
  }

  /** Failed by the report of an attempt, whose cost the request has noted already. */
  Step failed(Live state, Request changed, Failure failure, AttemptEvent event, Instant now) {
    RequestFinished outcome = outcome(changed, RequestStatus.FAILED, failure, null, event.getAt());
    return step(
        state.end(outcome, Cause.report(event), now, Replies.failed(changed, failure, now)), now);
  }

  /** Failed because time passed; whoever may still run it is told to stop. */
  Step timedOut(Live state, Request changed, Failure failure, CancelReason reason, Instant now) {
    RequestFinished outcome = outcome(changed, RequestStatus.FAILED, failure, null, now);
    Step end =
        step(state.end(outcome, Cause.TIME, now, Replies.failed(changed, failure, now)), now);
    if (changed.attempts() == 0) {
      return end;
    }
    List<Effect> effects = new ArrayList<>(end.effects());
    effects.add(Orders.stop(changed, reason, changed.attempts(), now));
    return new Step(end.next(), effects);
  }

  /** Says once more how the request ended, to the letter. */
  Step repeat(Ended ended) {
    return new Step(ended, words(ended));
  }

  static Failure deadlineExceeded() {
    return Failure.of(
        ErrorCode.DEADLINE_EXCEEDED, "The request was not answered before its deadline");
  }

  private Step step(Ended ended, Instant now) {
    return new Step(ended.until(now.plus(policy.repeatOutcome())), words(ended));
  }

  private static List<Effect> words(Ended ended) {
    List<Effect> effects = new ArrayList<>();
    Reply lastReply = ended.lastReply();
    if (lastReply != null) {
      effects.add(new Effect.Say(lastReply));
    }
    effects.add(new Effect.Conclude(ended.request().outcome()));
    return effects;
  }

  private static RequestFinished outcome(
      Request request,
      RequestStatus status,
      @Nullable Failure failure,
      @Nullable BilledAttempt billed,
      Instant finishedAt) {
    return RequestFinished.newBuilder(request.outcome())
        .setStatus(status)
        .setErrorCode(failure == null ? null : failure.code())
        .setErrorMessage(failure == null ? null : failure.message())
        .setFinishedAt(finishedAt)
        .setBilled(billed)
        .build();
  }
}
