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
 * Ends requests: one outcome each, and a final reply to the client where the worker has not written
 * one.
 */
final class Terminations {
  private static final Duration ASK_AGAIN = Duration.ofSeconds(1);

  private final Policy policy;

  Terminations(Policy policy) {
    this.policy = policy;
  }

  Step rejected(RequestState.Accepted state, Failure failure, Trigger trigger, Instant now) {
    RequestFinished outcome = outcome(state.request(), RequestStatus.REJECTED, failure, null, now);
    return step(state.end(outcome, trigger, now, Replies.rejected(state, failure, now)), now);
  }

  /**
   * Ends a repeat without running it: the client gets the answer of the request that owns the
   * idempotency key.
   */
  Step attached(RequestState.Accepted state, IdempotencyEntry owner, Instant now) {
    Failure repeat =
        Failure.of(
            ErrorCode.IDEMPOTENT_REPEAT,
            "Repeats request " + owner.request() + " under its idempotency key");
    RequestFinished outcome = outcome(state.request(), RequestStatus.REJECTED, repeat, null, now);
    return step(
        state.end(outcome, Trigger.ACCEPTANCE, now, Replies.attached(state, owner, now)), now);
  }

  /** Ends a request whose answer is complete in the reply log. */
  Step completed(
      Live state, Attempt attempt, AttemptEvent event, AttemptFinished finished, Instant now) {
    RequestFinished outcome =
        outcome(
            state.request(),
            RequestStatus.COMPLETED,
            null,
            AttemptBilling.billed(attempt, finished),
            event.getAt());
    return step(state.end(outcome, Trigger.report(event), now, null), now);
  }

  /** Ends a request that the client or its deadline has stopped: what was produced is billed. */
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
            produced ? AttemptBilling.billed(attempt, finished) : null,
            event.getAt());
    return failed(
        state, outcome, Trigger.report(event), failure, unheard(state, state.request()), now);
  }

  /** Fails a request by the report of an attempt, whose cost the request has noted already. */
  Step failed(Live state, Request changed, Failure failure, AttemptEvent event, Instant now) {
    RequestFinished outcome = outcome(changed, RequestStatus.FAILED, failure, null, event.getAt());
    return failed(state, outcome, Trigger.report(event), failure, unheard(state, changed), now);
  }

  /** Fails a request because time has passed; a worker that may still run it is told to stop. */
  Step timedOut(Live state, Request changed, Failure failure, CancelReason reason, Instant now) {
    RequestFinished outcome = outcome(changed, RequestStatus.FAILED, failure, null, now);
    boolean running = state instanceof Streaming || state instanceof Stopping;
    Step end =
        failed(state, outcome, Trigger.TIME, failure, running || unheard(state, changed), now);
    if (changed.attempts() == 0) {
      return end;
    }
    List<Effect> effects = new ArrayList<>(end.effects());
    effects.add(CancelCommands.stop(changed, reason, changed.attempts(), now));
    return new Step(end.next(), effects);
  }

  /**
   * Repeats the failure reply of a request that is being closed, and has the reply log read again.
   */
  Step ask(Closing closing, Instant now) {
    return new Step(
        closing.again(now.plus(ASK_AGAIN)),
        List.of(
            new Effect.SendReply(closing.lastReply()),
            new Effect.FindFinalReply(closing.request().id())));
  }

  /** Ends a closing request once the reply log has been read, or could not be read in time. */
  Step settled(Closing closing, FinalReply word, Instant now) {
    return switch (word) {
      case FinalReply.NoAnswer() -> step(closing.confirmed(now), now);
      case FinalReply.Answer answer ->
          step(
              closing.overruled(AttemptBilling.answered(closing.request().outcome(), answer), now),
              now);
    };
  }

  private Step failed(
      Live state,
      RequestFinished outcome,
      Trigger trigger,
      Failure failure,
      boolean unsure,
      Instant now) {
    Reply word = Replies.failed(state.request().with(outcome), failure, now);
    return unsure
        ? ask(state.close(outcome, trigger, now, word), now)
        : step(state.end(outcome, trigger, now, word), now);
  }

  /** Whether some run may have completed the answer without its report having arrived. */
  private static boolean unheard(Live state, Request request) {
    return request.losses() > 0
        || (state instanceof Streaming streaming && !streaming.rivals().isEmpty())
        // A worker that could not write its final reply does not know whether the broker has it.
        || request.outcome().getUnbilled().stream()
            .anyMatch(attempt -> ErrorCode.UNAVAILABLE.wireName().equals(attempt.getErrorCode()));
  }

  /** Repeats how the request ended, byte for byte. */
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
      effects.add(new Effect.SendReply(lastReply));
    }
    effects.add(new Effect.PublishOutcome(ended.request().outcome()));
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
