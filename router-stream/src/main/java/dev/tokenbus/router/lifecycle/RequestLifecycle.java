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
 * has led to causes the same effects again or none, never others.
 *
 * <p>A request ends exactly once: its outcome is fixed when it enters {@link Ended}. Later events
 * are answered with the same outcome or with a cancel command.
 *
 * <p>Thread-safe as far as its {@link ClusterView} is.
 */
public final class RequestLifecycle {
  /**
   * The largest difference between clocks: after the deadline and this margin, a repeated request
   * is refused for its age.
   */
  private static final Duration CLOCK_MARGIN = Duration.ofMinutes(1);

  private final Policy policy;
  private final ClusterView cluster;
  private final Terminations terminations;
  private final Admission admission;
  private final Retries retries;
  private final AttemptReports reports;

  public RequestLifecycle(Policy policy, ClusterView cluster) {
    this.policy = policy;
    this.cluster = cluster;
    terminations = new Terminations(policy);
    admission = new Admission(policy, cluster, terminations);
    retries = new Retries(policy, cluster, terminations);
    reports = new AttemptReports(admission, terminations, retries);
  }

  /**
   * Takes a request's accepted record, for the first time or again.
   *
   * @param state null where the request is not known
   * @param owner the owner of the idempotency key that the record names; null where the key is free
   */
  public Step accepted(
      @Nullable RequestState state,
      RequestAccepted record,
      LogPosition position,
      @Nullable IdempotencyEntry owner,
      Instant now) {
    return switch (state) {
      case null -> begin(first(record, position, now), owner, now);
      case Accepted accepted -> admission.decide(accepted, Trigger.ACCEPTANCE, now);
      case Admitted admitted -> admittedAgain(admitted, record, now);
      case Dispatched dispatched when dispatched.trigger().equals(Trigger.ACCEPTANCE) -> {
        List<Effect> effects = new ArrayList<>(admittedAgain(dispatched, record, now).effects());
        effects.addAll(admission.repeat(dispatched));
        yield new Step(dispatched, effects);
      }
      case Dispatched dispatched -> admittedAgain(dispatched, record, now);
      case Streaming streaming -> admittedAgain(streaming, record, now);
      case Stopping stopping -> admittedAgain(stopping, record, now);
      case Closing closing -> Step.stay(closing);
      case Ended ended when ended.trigger().equals(Trigger.ACCEPTANCE) ->
          terminations.repeat(ended);
      case Ended ended -> Step.stay(ended);
      case Gone gone -> Step.stay(gone);
    };
  }

  /**
   * The owner of an idempotency key after a request that names it has entered a state. Call it
   * after every event, also one without a transition: so reprocessing repairs what a crash has
   * left.
   *
   * @param before the owner before; null where the key was free
   * @return null where the key is free
   */
  public @Nullable IdempotencyEntry idempotencyEntry(
      @Nullable IdempotencyEntry before, RequestState state) {
    return IdempotencyEntry.after(before, state, policy.idempotency());
  }

  /** Takes a worker's report on the start or the end of an attempt, for the first time or again. */
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
   * Makes the transition that is due now, if any, by time or by a change in the {@link
   * ClusterView}.
   */
  public Step advance(RequestState state, Instant now) {
    return switch (state) {
      case Accepted accepted -> admission.decide(accepted, Trigger.TIME, now);
      case Admitted admitted -> admission.dispatch(admitted, Trigger.TIME, now);
      case Dispatched dispatched -> supervise(dispatched, now);
      case Streaming streaming -> supervise(streaming, now);
      case Stopping stopping -> supervise(stopping, now);
      case Closing closing -> supervise(closing, now);
      case Ended ended -> forget(ended, now);
      case Gone gone -> now.isBefore(gone.due()) ? Step.stay(gone) : forgotten();
    };
  }

  /**
   * Repeats the effects of transitions that time alone had triggered, after the router has taken
   * the request over from another instance or from before a restart: no record would trigger them
   * again.
   */
  public Step resumed(RequestState state, Instant now) {
    return switch (state) {
      case Ended ended when ended.trigger().equals(Trigger.TIME) -> terminations.repeat(ended);
      case Dispatched dispatched when dispatched.trigger().equals(Trigger.TIME) ->
          retries.dispatchLost(dispatched, now);
      case Stopping stopping ->
          Step.stay(
              stopping,
              CancelCommands.stop(
                  stopping.request(), CancelReason.DEADLINE, stopping.attempt().number(), now));
      case Closing closing -> terminations.ask(closing, now);
      case Accepted accepted -> Step.stay(accepted);
      case Admitted admitted -> Step.stay(admitted);
      case Dispatched dispatched -> Step.stay(dispatched);
      case Streaming streaming -> Step.stay(streaming);
      case Ended ended -> Step.stay(ended);
      case Gone gone -> Step.stay(gone);
    };
  }

  /** Takes the final reply that was read after an {@link Effect.FindFinalReply}. */
  public Step settled(RequestState state, FinalReply word, Instant now) {
    return state instanceof Closing closing
        ? terminations.settled(closing, word, now)
        : Step.stay(state);
  }

  /**
   * Dispatches the next attempt if its back-off is over, as {@link #advance} does, on an event.
   *
   * @param trigger the event
   */
  public Step dispatch(Admitted state, Trigger trigger, Instant now) {
    return admission.dispatch(state, trigger, now);
  }

  /** Puts off a dispatch whose request body cannot be read now. */
  public Step postponed(Admitted state, Instant until) {
    return Step.stay(state.postponed(until));
  }

  private Step begin(Accepted state, @Nullable IdempotencyEntry owner, Instant now) {
    Request request = state.request();
    Idempotency idempotency = request.idempotency();
    if (idempotency == null
        || owner == null
        || owner.request().equals(request.id())
        || !owner.holds(now)
        || !now.isBefore(request.deadline())) {
      return admission.decide(state, Trigger.ACCEPTANCE, now);
    }
    return owner.bodyHash().equals(idempotency.bodyHash())
        ? terminations.attached(state, owner, now)
        : terminations.rejected(
            state,
            Failure.of(
                ErrorCode.IDEMPOTENCY_CONFLICT,
                "The idempotency key was used for another request before"),
            Trigger.ACCEPTANCE,
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
        new Effect.SendReply(
            Replies.admitted(state.request(), chat.getStream(), chat.getIncludeUsage(), now)));
  }

  private Step supervise(Dispatched state, Instant now) {
    Request request = state.request();
    if (!now.isBefore(request.deadline())) {
      return terminations.timedOut(
          state, request, Terminations.deadlineExceeded(), CancelReason.DEADLINE, now);
    }
    String provider = state.attempt().provider();
    PoolState pool = cluster.pool(provider, request.outcome().getPriority(), now);
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
      return terminations.timedOut(state, request, failure, CancelReason.SUPERSEDED, now);
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
          state.stop(now.plus(policy.stopping()), Terminations.deadlineExceeded()),
          CancelCommands.stop(
              state.request(), CancelReason.DEADLINE, state.attempt().number(), now));
    }
    return cluster.lost(state.run(), now) ? retries.workerLost(state, now) : Step.stay(state);
  }

  private Step supervise(Stopping state, Instant now) {
    if (now.isBefore(state.until()) && !cluster.lost(state.run(), now)) {
      return Step.stay(state);
    }
    return terminations.timedOut(
        state,
        state
            .request()
            .withUnbilled(AttemptBilling.silent(state.attempt(), state.failure().errorCode())),
        state.failure(),
        CancelReason.DEADLINE,
        now);
  }

  private Step supervise(Closing state, Instant now) {
    if (now.isBefore(state.due())) {
      return Step.stay(state);
    }
    return now.isBefore(state.since().plus(policy.closing()))
        ? terminations.ask(state, now)
        : terminations.settled(state, new FinalReply.NoAnswer(), now);
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
