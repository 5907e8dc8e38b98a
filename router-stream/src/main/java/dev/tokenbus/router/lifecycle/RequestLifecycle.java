package dev.tokenbus.router.lifecycle;

import dev.tokenbus.router.lifecycle.RequestState.Accepted;
import dev.tokenbus.router.lifecycle.RequestState.Admitted;
import dev.tokenbus.router.lifecycle.RequestState.Closing;
import dev.tokenbus.router.lifecycle.RequestState.Dispatched;
import dev.tokenbus.router.lifecycle.RequestState.Ended;
import dev.tokenbus.router.lifecycle.RequestState.Gone;
import dev.tokenbus.router.lifecycle.RequestState.Live;
import dev.tokenbus.router.lifecycle.RequestState.Stopping;
import dev.tokenbus.router.lifecycle.RequestState.Streaming;
import dev.tokenbus.schemas.avro.AttemptEvent;
import dev.tokenbus.schemas.avro.AttemptFinished;
import dev.tokenbus.schemas.avro.AttemptStarted;
import dev.tokenbus.schemas.avro.CancelReason;
import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.RequestAccepted;
import dev.tokenbus.schemas.errors.ErrorCode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides what happens to a request. Every decision can be repeated: the same event in the state it
 * has led to brings about the same effects again or none, never others.
 *
 * <p>A request ends exactly once: its outcome is made when it enters {@link Ended} and never
 * changes after that. What comes later is answered with the same outcome or with an order to stop.
 *
 * <p>Thread-safe as far as its {@link World} is.
 */
public final class RequestLifecycle {
  /**
   * After the deadline, and this much difference between clocks, a repeated request is refused for
   * its age.
   */
  private static final Duration CLOCK_MARGIN = Duration.ofMinutes(1);

  private final Policy policy;
  private final World world;
  private final Endings endings;
  private final Admission admission;
  private final Retries retries;
  private final AttemptReports reports;

  public RequestLifecycle(Policy policy, World world) {
    this.policy = policy;
    this.world = world;
    endings = new Endings(policy);
    admission = new Admission(policy, world, endings);
    retries = new Retries(policy, world, endings);
    reports = new AttemptReports(admission, endings, retries);
  }

  /**
   * A request was accepted, or its record has come again.
   *
   * @param state null where the request is not known
   * @param owner who owns the idempotency key that the record names; null for nobody
   */
  public Step accepted(
      @Nullable RequestState state,
      RequestAccepted record,
      LogPosition position,
      @Nullable KeyOwner owner,
      Instant now) {
    return switch (state) {
      case null -> begin(first(record, position, now), owner, now);
      case Accepted accepted -> admission.decide(accepted, Cause.ACCEPTANCE, now);
      case Admitted admitted -> admittedAgain(admitted, record, now);
      case Dispatched dispatched when dispatched.cause().equals(Cause.ACCEPTANCE) -> {
        List<Effect> effects = new ArrayList<>(admittedAgain(dispatched, record, now).effects());
        effects.addAll(admission.repeat(dispatched));
        yield new Step(dispatched, effects);
      }
      case Dispatched dispatched -> admittedAgain(dispatched, record, now);
      case Streaming streaming -> admittedAgain(streaming, record, now);
      case Stopping stopping -> admittedAgain(stopping, record, now);
      case Closing closing -> Step.stay(closing);
      case Ended ended when ended.cause().equals(Cause.ACCEPTANCE) -> endings.repeat(ended);
      case Ended ended -> Step.stay(ended);
      case Gone gone -> Step.stay(gone);
    };
  }

  /**
   * Who owns an idempotency key after a request that names it has come into a state. To be asked
   * after every event, also one that has changed nothing: what a crash has taken is made good so.
   *
   * @param before who owned it; null for nobody
   * @return null for nobody
   */
  public @Nullable KeyOwner keyOwner(@Nullable KeyOwner before, RequestState state) {
    return KeyOwner.after(before, state, policy.idempotency());
  }

  /** A worker has started or finished an attempt, or its report has come again. */
  public Step reported(@Nullable RequestState state, AttemptEvent event, Instant now) {
    if (state == null) {
      return new Step(null, List.of());
    }
    return switch (event.getEvent()) {
      case AttemptStarted started -> reports.started(state, event, now);
      case AttemptFinished finished -> reports.finished(state, event, finished, now);
      case null, default -> Step.stay(state); // a newer worker's event
    };
  }

  /**
   * Time has passed, or something in the {@link World} has changed. Moves the request on if that
   * makes it due.
   */
  public Step advance(RequestState state, Instant now) {
    return switch (state) {
      case Accepted accepted -> admission.decide(accepted, Cause.TIME, now);
      case Admitted admitted -> admission.dispatch(admitted, Cause.TIME, now);
      case Dispatched dispatched -> supervise(dispatched, now);
      case Streaming streaming -> supervise(streaming, now);
      case Stopping stopping -> supervise(stopping, now);
      case Closing closing -> supervise(closing, now);
      case Ended ended -> forget(ended, now);
      case Gone gone -> now.isBefore(gone.due()) ? Step.stay(gone) : forgotten();
    };
  }

  /**
   * The router has taken the request over from another instance or from before a restart. What time
   * alone had brought about may have been lost with that instance, and nothing else would bring it
   * about again.
   */
  public Step resumed(RequestState state, Instant now) {
    return switch (state) {
      case Ended ended when ended.cause().equals(Cause.TIME) -> endings.repeat(ended);
      case Dispatched dispatched when dispatched.cause().equals(Cause.TIME) ->
          retries.dispatchLost(dispatched, now);
      case Stopping stopping ->
          Step.stay(
              stopping,
              Orders.stop(
                  stopping.request(), CancelReason.DEADLINE, stopping.attempt().number(), now));
      case Closing closing -> endings.ask(closing, now);
      case Accepted accepted -> Step.stay(accepted);
      case Admitted admitted -> Step.stay(admitted);
      case Dispatched dispatched -> Step.stay(dispatched);
      case Streaming streaming -> Step.stay(streaming);
      case Ended ended -> Step.stay(ended);
      case Gone gone -> Step.stay(gone);
    };
  }

  /** The log has been read after an {@link Effect.Find}. */
  public Step settled(RequestState state, LastWord word, Instant now) {
    return state instanceof Closing closing
        ? endings.settled(closing, word, now)
        : Step.stay(state);
  }

  /**
   * As {@link #advance}, where an event and not time alone has led to this state.
   *
   * @param cause the event
   */
  public Step dispatch(Admitted state, Cause cause, Instant now) {
    return admission.dispatch(state, cause, now);
  }

  /** An attempt that is due cannot be dispatched yet, because the request's body cannot be read. */
  public Step postponed(Admitted state, Instant until) {
    return Step.stay(state.postponed(until));
  }

  private Step begin(Accepted state, @Nullable KeyOwner owner, Instant now) {
    Request request = state.request();
    Idempotency idempotency = request.idempotency();
    if (idempotency == null
        || owner == null
        || owner.request().equals(request.id())
        || !owner.holds(now)
        || !now.isBefore(request.deadline())) {
      return admission.decide(state, Cause.ACCEPTANCE, now);
    }
    return owner.bodyHash().equals(idempotency.bodyHash())
        ? endings.attached(state, owner, now)
        : endings.rejected(
            state,
            Failure.of(
                ErrorCode.IDEMPOTENCY_CONFLICT,
                "The idempotency key was used for another request before"),
            Cause.ACCEPTANCE,
            now);
  }

  private static Accepted first(RequestAccepted record, LogPosition position, Instant now) {
    ChatRequest chat = Request.chat(record);
    return new Accepted(
        Request.of(record, position), chat.getStream(), chat.getIncludeUsage(), now, now);
  }

  private static Step admittedAgain(Live state, RequestAccepted record, Instant now) {
    ChatRequest chat = Request.chat(record);
    return Step.stay(
        state,
        new Effect.Say(
            Replies.admitted(state.request(), chat.getStream(), chat.getIncludeUsage(), now)));
  }

  private Step supervise(Dispatched state, Instant now) {
    Request request = state.request();
    if (!now.isBefore(request.deadline())) {
      return endings.timedOut(
          state, request, Endings.deadlineExceeded(), CancelReason.DEADLINE, now);
    }
    String provider = state.attempt().provider();
    PoolState pool = world.pool(provider, request.outcome().getPriority(), now);
    if (pool.lasting(PoolState.Kind.UNSERVED, now.minus(policy.noWorker()))
        && !state.at().plus(policy.noWorker()).isAfter(now)) {
      Failure failure =
          Failure.of(
                  ErrorCode.UNAVAILABLE,
                  "No worker has served provider "
                      + provider
                      + " for "
                      + policy.noWorker().toSeconds()
                      + " s")
              .withProvider(provider);
      return endings.timedOut(state, request, failure, CancelReason.SUPERSEDED, now);
    }
    if (pool.lasting(PoolState.Kind.IDLE, now.minus(policy.lostDispatch()))
        && !state.at().plus(policy.lostDispatch()).isAfter(now)) {
      return retries.dispatchLost(state, now);
    }
    return Step.stay(state);
  }

  private Step supervise(Streaming state, Instant now) {
    if (!now.isBefore(state.request().deadline())) {
      return Step.stay(
          state.stop(now.plus(policy.stopping()), Endings.deadlineExceeded()),
          Orders.stop(state.request(), CancelReason.DEADLINE, state.attempt().number(), now));
    }
    return world.lost(state.run(), now) ? retries.workerLost(state, now) : Step.stay(state);
  }

  private Step supervise(Stopping state, Instant now) {
    if (now.isBefore(state.until()) && !world.lost(state.run(), now)) {
      return Step.stay(state);
    }
    return endings.timedOut(
        state,
        state.request().withUnbilled(Costs.silent(state.attempt(), state.failure().errorCode())),
        state.failure(),
        CancelReason.DEADLINE,
        now);
  }

  private Step supervise(Closing state, Instant now) {
    if (now.isBefore(state.due())) {
      return Step.stay(state);
    }
    return now.isBefore(state.since().plus(policy.closing()))
        ? endings.ask(state, now)
        : endings.settled(state, new LastWord.Failure(), now);
  }

  private static Step forget(Ended state, Instant now) {
    if (now.isBefore(state.due())) {
      return Step.stay(state);
    }
    Instant until = state.request().deadline().plus(CLOCK_MARGIN);
    return until.isAfter(now) ? Step.stay(state.forget(until)) : forgotten();
  }

  private static Step forgotten() {
    return new Step(null, List.of());
  }
}
