package dev.tokenbus.router.lifecycle;

import dev.tokenbus.router.lifecycle.RequestState.Accepted;
import dev.tokenbus.router.lifecycle.RequestState.Admitted;
import dev.tokenbus.router.lifecycle.RequestState.Closing;
import dev.tokenbus.router.lifecycle.RequestState.Dispatched;
import dev.tokenbus.router.lifecycle.RequestState.Ended;
import dev.tokenbus.router.lifecycle.RequestState.Gone;
import dev.tokenbus.router.lifecycle.RequestState.Stopping;
import dev.tokenbus.router.lifecycle.RequestState.Streaming;
import dev.tokenbus.schemas.avro.AttemptEvent;
import dev.tokenbus.schemas.avro.AttemptFinished;
import dev.tokenbus.schemas.avro.AttemptOutcome;
import dev.tokenbus.schemas.avro.CancelReason;
import dev.tokenbus.schemas.avro.RequestStatus;
import dev.tokenbus.schemas.errors.ErrorCode;
import java.time.Instant;

/**
 * What workers report on attempts.
 *
 * <p>Only the current attempt decides anything. What comes of an earlier one is cost, and its
 * worker is told to stop. Of two runs of the current attempt, the one that started first goes on.
 */
final class AttemptReports {
  private final Admission admission;
  private final Endings endings;
  private final Retries retries;

  AttemptReports(Admission admission, Endings endings, Retries retries) {
    this.admission = admission;
    this.endings = endings;
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
      case Closing closing ->
          Step.stay(
              closing,
              Orders.stop(closing.request(), CancelReason.SUPERSEDED, event.getAttempt(), now));
      case Ended ended ->
          Step.stay(
              ended,
              Orders.stop(ended.request(), CancelReason.SUPERSEDED, event.getAttempt(), now));
      case Gone gone ->
          Step.stay(
              gone,
              Orders.order(
                  event.getRequestId(),
                  event.getTenant(),
                  CancelReason.SUPERSEDED,
                  event.getAttempt(),
                  null,
                  now));
    };
  }

  Step finished(RequestState state, AttemptEvent event, AttemptFinished finished, Instant now) {
    return switch (state) {
      case Accepted accepted -> Step.stay(accepted);
      case Admitted admitted ->
          Step.stay(
              admitted.with(admitted.request().withUnbilled(Costs.reported(event, finished))));
      case Dispatched dispatched when event.getAttempt() == dispatched.attempt().number() ->
          // Its start got lost or comes later.
          ownFinished(dispatched.start(Run.of(event), event.getAt()), event, finished, now);
      case Dispatched dispatched when dispatched.cause().equals(Cause.report(event)) ->
          new Step(dispatched, admission.repeat(dispatched));
      case Dispatched dispatched ->
          Step.stay(
              dispatched.with(dispatched.request().withUnbilled(Costs.reported(event, finished))));
      case Streaming streaming when event.getAttempt() != streaming.attempt().number() ->
          Step.stay(
              streaming.with(streaming.request().withUnbilled(Costs.reported(event, finished))));
      case Streaming streaming when event.getClaim() != streaming.run().claim() ->
          rivalFinished(streaming, event, finished, now);
      case Streaming streaming -> ownFinished(streaming, event, finished, now);
      case Stopping stopping when event.getAttempt() == stopping.attempt().number() ->
          stoppingFinished(stopping, event, finished, now);
      case Stopping stopping -> Step.stay(stopping);
      case Closing closing when closing.cause().equals(Cause.report(event)) ->
          endings.ask(closing, now);
      case Closing closing -> Step.stay(closing.with(closing.request().withCost(event, finished)));
      case Ended ended ->
          ended.cause().equals(Cause.report(event)) ? endings.repeat(ended) : Step.stay(ended);
      case Gone gone -> Step.stay(gone);
    };
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
    return Step.stay(
        state, Orders.stop(state.request(), CancelReason.SUPERSEDED, event.getAttempt(), now));
  }

  private static Step startedBeside(Streaming state, AttemptEvent event, Instant now) {
    if (event.getAttempt() != state.attempt().number()) {
      return superseded(state, event, now);
    }
    if (event.getClaim() == state.run().claim()) {
      return Step.stay(state);
    }
    Streaming contested = state.withRival(event.getClaim());
    return Step.stay(contested, Orders.stopRivals(contested, now));
  }

  private Step rivalFinished(
      Streaming state, AttemptEvent event, AttemptFinished finished, Instant now) {
    Request request =
        finished.getUsage() == null
            ? state.request()
            : state.request().withUnbilled(Costs.reported(event, finished));
    Streaming alone = state.withoutRival(request, event.getClaim());
    // Records of both stand in the reply log: which of them clients see cannot be known here. The
    // next attempt fences off both and reads what they see. From the second attempt on there is
    // always a record, the fence.
    return finished.getDelivered() || state.attempt().number() > 1
        ? retries.contested(alone, event, now)
        : Step.stay(alone);
  }

  private Step ownFinished(
      Streaming state, AttemptEvent event, AttemptFinished finished, Instant now) {
    return switch (finished.getOutcome()) {
      case SUCCEEDED -> succeeded(state, event, finished, now);
      case CANCELLED ->
          endings.stopped(
              state,
              state.attempt(),
              RequestStatus.CANCELLED,
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
    // While a rival may have written too, it is not certain that the client sees this run's answer.
    return state.rivals().isEmpty()
        ? endings.completed(state, state.attempt(), event, finished, now)
        : retries.contested(
            state.with(state.request().withUnbilled(Costs.reported(event, finished))), event, now);
  }

  private Step failed(Streaming state, AttemptEvent event, AttemptFinished finished, Instant now) {
    Failure failure = Failure.of(event, finished, ErrorCode.INTERNAL);
    return failure.errorCode() == ErrorCode.DEADLINE_EXCEEDED
        ? endings.stopped(
            state, state.attempt(), RequestStatus.FAILED, failure, event, finished, now)
        : retries.failed(state, event, finished, now);
  }

  private Step stoppingFinished(
      Stopping state, AttemptEvent event, AttemptFinished finished, Instant now) {
    if (event.getClaim() != state.run().claim()) {
      return Step.stay(state);
    }
    if (finished.getOutcome() == AttemptOutcome.SUCCEEDED && state.request().losses() == 0) {
      // The answer was complete before the order to stop arrived, and nothing else has been said to
      // the client.
      return endings.completed(state, state.attempt(), event, finished, now);
    }
    return endings.stopped(
        state, state.attempt(), RequestStatus.FAILED, state.failure(), event, finished, now);
  }
}
