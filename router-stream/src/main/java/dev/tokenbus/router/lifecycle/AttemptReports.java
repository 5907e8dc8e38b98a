package dev.tokenbus.router.lifecycle;

import dev.tokenbus.router.lifecycle.RequestState.Accepted;
import dev.tokenbus.router.lifecycle.RequestState.Admitted;
import dev.tokenbus.router.lifecycle.RequestState.Closing;
import dev.tokenbus.router.lifecycle.RequestState.Dispatched;
import dev.tokenbus.router.lifecycle.RequestState.Ended;
import dev.tokenbus.router.lifecycle.RequestState.Stopping;
import dev.tokenbus.router.lifecycle.RequestState.Streaming;
import dev.tokenbus.schemas.avro.AttemptDeclined;
import dev.tokenbus.schemas.avro.AttemptEvent;
import dev.tokenbus.schemas.avro.AttemptFinished;
import dev.tokenbus.schemas.avro.AttemptOutcome;
import dev.tokenbus.schemas.avro.CancelReason;
import dev.tokenbus.schemas.errors.ErrorCode;
import java.time.Instant;

/**
 * Takes the workers' reports on attempts.
 *
 * <p>Only the current attempt decides. A report on an earlier one adds its cost, and its worker is
 * told to stop. Of two runs of the current attempt, the one that started first continues.
 */
final class AttemptReports {
  private final Admission admission;
  private final Terminations terminations;
  private final Retries retries;
  private final Closings closings;
  private final Policy policy;

  AttemptReports(
      Admission admission,
      Terminations terminations,
      Retries retries,
      Closings closings,
      Policy policy) {
    this.closings = closings;
    this.policy = policy;
    this.admission = admission;
    this.terminations = terminations;
    this.retries = retries;
  }

  Step started(RequestState state, AttemptEvent event, Instant now) {
    return switch (state) {
      case Accepted accepted -> Step.stay(accepted);
      case Admitted admitted -> superseded(admitted, event, now);
      case Dispatched dispatched when event.getAttempt() == dispatched.attempt().number() ->
          Step.stay(dispatched.start(Run.of(event), event.getAt()));
      case Dispatched dispatched -> superseded(dispatched, event, now);
      case Streaming streaming -> startedBeside(streaming, event, now);
      case Stopping stopping -> superseded(stopping, event, now);
      case Closing closing -> closings.started(closing, event, now);
      case Ended ended ->
          Step.stay(
              ended,
              CancelCommands.stop(
                  ended.request(), CancelReason.SUPERSEDED, event.getAttempt(), now));
    };
  }

  Step finished(RequestState state, AttemptEvent event, AttemptFinished finished, Instant now) {
    return switch (state) {
      case Accepted accepted -> Step.stay(accepted);
      case Admitted admitted ->
          Step.stay(
              admitted.with(
                  admitted.request().withUnbilled(AttemptBilling.reported(event, finished))));
      case Dispatched dispatched when event.getAttempt() == dispatched.attempt().number() ->
          // The report on its start got lost or comes later.
          ownFinished(dispatched.start(Run.of(event), event.getAt()), event, finished, now);
      case Dispatched dispatched when dispatched.trigger().equals(Trigger.report(event)) ->
          new Step(dispatched, admission.repeat(dispatched));
      case Dispatched dispatched ->
          Step.stay(
              dispatched.with(
                  dispatched.request().withUnbilled(AttemptBilling.reported(event, finished))));
      case Streaming streaming when event.getAttempt() != streaming.attempt().number() ->
          Step.stay(
              streaming.with(
                  streaming.request().withUnbilled(AttemptBilling.reported(event, finished))));
      case Streaming streaming when event.getClaim() != streaming.run().claim() ->
          rivalFinished(streaming, event, finished, now);
      case Streaming streaming -> ownFinished(streaming, event, finished, now);
      case Stopping stopping when event.getAttempt() == stopping.attempt().number() ->
          stoppingFinished(stopping, event, finished, now);
      case Stopping stopping -> Step.stay(stopping);
      case Closing closing -> closings.finished(closing, event, finished, now);
      case Ended ended ->
          ended.trigger().equals(Trigger.report(event))
              ? terminations.repeat(ended)
              : Step.stay(ended);
    };
  }

  /**
   * The worker has seen that its predecessor still writes: that run goes on, and nothing is lost.
   * Where the predecessor's end has been reported meanwhile, nobody goes on; then the next attempt
   * reads what it has left.
   */
  Step declined(RequestState state, AttemptEvent event, AttemptDeclined declined, Instant now) {
    return switch (state) {
      case Dispatched dispatched when dispatched.trigger().equals(Trigger.report(event)) ->
          new Step(dispatched, admission.repeat(dispatched));
      case Dispatched dispatched when event.getAttempt() == dispatched.attempt().number() ->
          declined(dispatched, declined, now);
      case Streaming streaming
          when event.getAttempt() == streaming.attempt().number()
              && event.getClaim() == streaming.run().claim() ->
          declined(streaming, declined, now);
      case Accepted accepted -> Step.stay(accepted);
      case Admitted admitted -> Step.stay(admitted);
      case Dispatched dispatched -> Step.stay(dispatched);
      case Streaming streaming -> Step.stay(streaming);
      case Stopping stopping -> Step.stay(stopping);
      case Closing closing -> Step.stay(closing);
      case Ended ended -> Step.stay(ended);
    };
  }

  private Step declined(Declinable state, AttemptDeclined declined, Instant now) {
    Predecessor before = state.predecessor();
    if (before == null || before.run().claim() != declined.getPredecessorClaim()) {
      return Step.stay(state);
    }
    return Step.stay(
        before.reported(state.request().outcome())
            ? state.declinedTooLate(now)
            : state.declined(before, trustUntil(now)));
  }

  private Instant trustUntil(Instant now) {
    return now.plus(policy.trustAfterDecline());
  }

  private static Step superseded(RequestState.Live state, AttemptEvent event, Instant now) {
    int attempts = state.request().attempts();
    boolean current =
        state instanceof Stopping stopping
            && event.getAttempt() == attempts
            && event.getClaim() == stopping.run().claim();
    if (current || event.getAttempt() > attempts) {
      return Step.stay(state);
    }
    // A run that goes on after its successor has declined must not be stopped with that successor.
    return state instanceof Streaming streaming
        ? Step.stay(streaming, CancelCommands.stopOthers(streaming, event.getAttempt(), now))
        : Step.stay(
            state,
            CancelCommands.stop(state.request(), CancelReason.SUPERSEDED, event.getAttempt(), now));
  }

  private static Step startedBeside(Streaming state, AttemptEvent event, Instant now) {
    if (event.getAttempt() != state.attempt().number()) {
      return superseded(state, event, now);
    }
    if (event.getClaim() == state.run().claim()) {
      return Step.stay(state);
    }
    Streaming contested = state.withRival(event.getClaim());
    return Step.stay(
        contested, CancelCommands.stopOthers(contested, contested.attempt().number(), now));
  }

  private Step rivalFinished(
      Streaming state, AttemptEvent event, AttemptFinished finished, Instant now) {
    Request request =
        finished.getUsage() == null
            ? state.request()
            : state.request().withUnbilled(AttemptBilling.reported(event, finished));
    Streaming alone = state.withoutRival(request, event.getClaim());
    // The reply log holds records of both runs, and which of them clients see is not known here.
    // The next attempt fences off both and reads what clients see. From the second attempt on there
    // is always a record, the fence.
    return finished.getDelivered() || state.attempt().number() > 1
        ? retries.contested(alone, event, now)
        : Step.stay(alone);
  }

  private Step ownFinished(
      Streaming state, AttemptEvent event, AttemptFinished finished, Instant now) {
    return switch (finished.getOutcome()) {
      case SUCCEEDED -> succeeded(state, event, finished, now);
      case CANCELLED ->
          terminations.stopped(
              state,
              state.attempt(),
              Failure.of(event, finished, ErrorCode.CANCELLED),
              event,
              finished,
              now);
      case SUPERSEDED -> retries.handedOver(state, event, finished, now);
      case FAILED, UNKNOWN -> failed(state, event, finished, now);
    };
  }

  private Step succeeded(
      Streaming state, AttemptEvent event, AttemptFinished finished, Instant now) {
    // A rival may have written too: then the client may not see this run's answer.
    return state.rivals().isEmpty()
        ? terminations.completed(state, state.attempt(), event, finished, now)
        : retries.contested(
            state.with(state.request().withUnbilled(AttemptBilling.reported(event, finished))),
            event,
            now);
  }

  private Step failed(Streaming state, AttemptEvent event, AttemptFinished finished, Instant now) {
    Failure failure = Failure.of(event, finished, ErrorCode.INTERNAL);
    return failure.errorCode() == ErrorCode.DEADLINE_EXCEEDED
        ? terminations.stopped(state, state.attempt(), failure, event, finished, now)
        : retries.failed(state, event, finished, now);
  }

  private Step stoppingFinished(
      Stopping state, AttemptEvent event, AttemptFinished finished, Instant now) {
    if (event.getClaim() != state.run().claim()) {
      return Step.stay(state);
    }
    if (finished.getOutcome() == AttemptOutcome.SUCCEEDED && state.request().losses() == 0) {
      // The answer was complete before the cancel command arrived, and the client has seen nothing
      // else.
      return terminations.completed(state, state.attempt(), event, finished, now);
    }
    return terminations.stopped(state, state.attempt(), state.failure(), event, finished, now);
  }
}
