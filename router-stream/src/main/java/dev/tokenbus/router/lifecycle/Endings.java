package dev.tokenbus.router.lifecycle;

import dev.tokenbus.router.lifecycle.RequestState.Closing;
import dev.tokenbus.router.lifecycle.RequestState.Ended;
import dev.tokenbus.router.lifecycle.RequestState.Live;
import dev.tokenbus.router.lifecycle.RequestState.Stopping;
import dev.tokenbus.router.lifecycle.RequestState.Streaming;
import dev.tokenbus.schemas.avro.AttemptEvent;
import dev.tokenbus.schemas.avro.AttemptFinished;
import dev.tokenbus.schemas.avro.BilledAttempt;
import dev.tokenbus.schemas.avro.CancelReason;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.RequestFinished;
import dev.tokenbus.schemas.avro.RequestStatus;
import dev.tokenbus.schemas.errors.ErrorCode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How requests end: one outcome, and a last word to the client where the worker has not said it.
 */
final class Endings {
  private static final Duration ASK_AGAIN = Duration.ofSeconds(1);

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
    return failed(
        state, outcome, Cause.report(event), failure, unheard(state, state.request()), now);
  }

  /** Failed by the report of an attempt, whose cost the request has noted already. */
  Step failed(Live state, Request changed, Failure failure, AttemptEvent event, Instant now) {
    RequestFinished outcome = outcome(changed, RequestStatus.FAILED, failure, null, event.getAt());
    return failed(state, outcome, Cause.report(event), failure, unheard(state, changed), now);
  }

  /** Failed because time passed; whoever may still run it is told to stop. */
  Step timedOut(Live state, Request changed, Failure failure, CancelReason reason, Instant now) {
    RequestFinished outcome = outcome(changed, RequestStatus.FAILED, failure, null, now);
    boolean running = state instanceof Streaming || state instanceof Stopping;
    Step end = failed(state, outcome, Cause.TIME, failure, running || unheard(state, changed), now);
    if (changed.attempts() == 0) {
      return end;
    }
    List<Effect> effects = new ArrayList<>(end.effects());
    effects.add(Orders.stop(changed, reason, changed.attempts(), now));
    return new Step(end.next(), effects);
  }

  /** Says what a request that is being closed has been told, and has the log read again. */
  Step ask(Closing closing, Instant now) {
    return new Step(
        closing.again(now.plus(ASK_AGAIN)),
        List.of(new Effect.Say(closing.lastReply()), new Effect.Find(closing.request().id())));
  }

  /** The log has been read, or could not be for as long as there is patience. */
  Step settled(Closing closing, LastWord word, Instant now) {
    return switch (word) {
      case LastWord.Failure() -> step(closing.confirmed(now), now);
      case LastWord.Answer answer ->
          step(closing.overruled(Costs.answered(closing.request().outcome(), answer), now), now);
    };
  }

  private Step failed(
      Live state,
      RequestFinished outcome,
      Cause cause,
      Failure failure,
      boolean unsure,
      Instant now) {
    Reply word = Replies.failed(state.request().with(outcome), failure, now);
    return unsure
        ? ask(state.close(outcome, cause, now, word), now)
        : step(state.end(outcome, cause, now, word), now);
  }

  /** Whether some run may have completed the answer without having been heard. */
  private static boolean unheard(Live state, Request request) {
    return request.losses() > 0
        || (state instanceof Streaming streaming && !streaming.rivals().isEmpty())
        // A worker that could not write the end of its answer does not know whether it is there.
        || request.outcome().getUnbilled().stream()
            .anyMatch(attempt -> ErrorCode.UNAVAILABLE.wireName().equals(attempt.getErrorCode()));
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
