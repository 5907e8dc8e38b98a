package dev.tokenbus.router.lifecycle;

import dev.tokenbus.router.lifecycle.RequestState.Dispatched;
import dev.tokenbus.router.lifecycle.RequestState.Ended;
import dev.tokenbus.router.lifecycle.RequestState.Live;
import dev.tokenbus.router.lifecycle.RequestState.Stopping;
import dev.tokenbus.router.lifecycle.RequestState.Streaming;
import dev.tokenbus.schemas.avro.AttemptEvent;
import dev.tokenbus.schemas.avro.AttemptFinished;
import dev.tokenbus.schemas.avro.BilledAttempt;
import dev.tokenbus.schemas.avro.Cancel;
import dev.tokenbus.schemas.avro.CancelReason;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.RequestFinished;
import dev.tokenbus.schemas.avro.RequestStatus;
import dev.tokenbus.schemas.errors.ErrorCode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Ends requests: one outcome each, and a final reply to the client where the worker has not written
 * one.
 */
final class Terminations {
  /** How long a cancelled request waits for a worker's report: nobody waits but the bill. */
  static final Duration CANCEL_REPORT = Duration.ofSeconds(10);

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
            state.request().with(AttemptBilling.withMaker(state.request().outcome(), finished)),
            RequestStatus.COMPLETED,
            null,
            AttemptBilling.billed(attempt, event, finished),
            event.getAt());
    return step(state.end(outcome, Trigger.report(event), now, null), now);
  }

  /** Ends a request that the client or its deadline has stopped: what was produced is billed. */
  Step stopped(
      Live state,
      Attempt attempt,
      Failure failure,
      AttemptEvent event,
      AttemptFinished finished,
      Instant now) {
    boolean counted = finished.getUsage() != null || finished.getAnswerUsage() != null;
    Request request =
        finished.getDelivered() ? state.request().spokenBy(attempt.route()) : state.request();
    RequestFinished outcome =
        outcome(
            request,
            status(failure),
            failure,
            counted ? AttemptBilling.billed(attempt, event, finished) : null,
            event.getAt());
    return failed(state, request, outcome, Trigger.report(event), failure, false, now);
  }

  /**
   * Fails a request by the report of an attempt, whose cost the request has noted already. What the
   * client has seen of the answer is billed: by the report where it counts that, by the reply log
   * otherwise.
   */
  Step failed(
      Streaming state,
      Request changed,
      Failure failure,
      AttemptEvent event,
      AttemptFinished finished,
      Instant now) {
    boolean counted =
        finished.getAnswerUsage() != null
            || (finished.getUsage() != null && state.predecessor() == null);
    Request request = finished.getDelivered() ? changed.spokenBy(state.attempt().route()) : changed;
    RequestFinished outcome =
        outcome(
            request,
            RequestStatus.FAILED,
            failure,
            finished.getDelivered() && counted
                ? AttemptBilling.billed(state.attempt(), event, finished)
                : null,
            event.getAt());
    return failed(state, request, outcome, Trigger.report(event), failure, false, now);
  }

  /** Ends a request that this version cannot read. */
  Step unreadable(RequestState.Accepted state, Instant now) {
    Failure failure =
        Failure.of(
            ErrorCode.UNREADABLE_REQUEST,
            "This version cannot read the request, or the owner of its idempotency key");
    RequestFinished outcome = outcome(state.request(), RequestStatus.FAILED, failure, null, now);
    return step(
        state.end(outcome, Trigger.ACCEPTANCE, now, Replies.failed(state.request(), failure, now)),
        now);
  }

  /** Ends a request that no worker is known to run. */
  Step cancelled(Live state, CancelReason reason, Instant now) {
    return timedOut(state, state.request(), cancelled(reason), reason, now);
  }

  static Failure cancelled(Cancel cancel) {
    return cancelled(cancel.getReason());
  }

  private static Failure cancelled(CancelReason reason) {
    return Failure.of(
        ErrorCode.CANCELLED,
        reason == CancelReason.CLIENT_GONE
            ? "The client has gone"
            : "The request was cancelled: " + reason.name().toLowerCase(Locale.ROOT));
  }

  /** Why a worker is told to stop. */
  static CancelReason reason(Failure failure) {
    return failure.errorCode() == ErrorCode.CANCELLED
        ? CancelReason.CLIENT_GONE
        : CancelReason.DEADLINE;
  }

  private static RequestStatus status(Failure failure) {
    return failure.errorCode() == ErrorCode.CANCELLED
        ? RequestStatus.CANCELLED
        : RequestStatus.FAILED;
  }

  /** Fails a request because time has passed; a worker that may still run it is told to stop. */
  Step timedOut(Live state, Request changed, Failure failure, CancelReason reason, Instant now) {
    RequestFinished outcome = outcome(changed, status(failure), failure, null, now);
    boolean running = state instanceof Streaming || state instanceof Stopping;
    Step end = failed(state, changed, outcome, Trigger.TIME, failure, running, now);
    if (changed.attempts() == 0) {
      return end;
    }
    List<Effect> effects = new ArrayList<>(end.effects());
    effects.add(CancelCommands.stop(changed, reason, changed.attempts(), now));
    return new Step(end.next(), effects);
  }

  private Step failed(
      Live state,
      Request changed,
      RequestFinished outcome,
      Trigger trigger,
      Failure failure,
      boolean running,
      Instant now) {
    Reply reply = Replies.failed(changed.with(outcome), failure, now);
    boolean unsure = running || unheard(state, changed);
    boolean unbilled = changed.spoken() != null && outcome.getBilled() == null;
    if (unsure || unbilled) {
      return Closings.ask(state.close(outcome, trigger, now, reply), now);
    }
    return state instanceof Dispatched
        ? Closings.awaitStart(
            state.close(outcome, trigger, now, reply), now.plus(startReport(failure)))
        : step(state.end(outcome, trigger, now, reply), now);
  }

  /** How long the report on a start may take that has been written already. */
  private Duration startReport(Failure failure) {
    return failure.errorCode() == ErrorCode.CANCELLED ? CANCEL_REPORT : policy.stopping();
  }

  /** Whether some run may have completed the answer without its report having arrived. */
  private static boolean unheard(Live state, Request request) {
    return request.losses() > 0
        || (state instanceof Streaming streaming && !streaming.rivals().isEmpty())
        // Whether somebody has begun the next attempt too is not known.
        || (state instanceof Dispatched && request.outcome().getStartedAt() != null)
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

  Step step(Ended ended, Instant now) {
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
    OutcomeChange change =
        new OutcomeChange(request.outcome()).finished(status, failure, finishedAt).billed(billed);
    if (billed != null) {
      change.unbilled(AttemptBilling.without(request.outcome().getUnbilled(), billed));
    }
    return change.outcome();
  }
}
