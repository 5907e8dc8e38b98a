package dev.tokenbus.router.lifecycle;

import dev.tokenbus.router.lifecycle.RequestState.Accepted;
import dev.tokenbus.router.lifecycle.RequestState.Admitted;
import dev.tokenbus.router.lifecycle.RequestState.Closing;
import dev.tokenbus.router.lifecycle.RequestState.Dispatched;
import dev.tokenbus.router.lifecycle.RequestState.Ended;
import dev.tokenbus.router.lifecycle.RequestState.Live;
import dev.tokenbus.router.lifecycle.RequestState.Stopping;
import dev.tokenbus.router.lifecycle.RequestState.Streaming;
import dev.tokenbus.schemas.avro.AttemptDeclined;
import dev.tokenbus.schemas.avro.AttemptEvent;
import dev.tokenbus.schemas.avro.AttemptFinished;
import dev.tokenbus.schemas.avro.AttemptStarted;
import dev.tokenbus.schemas.avro.Cancel;
import dev.tokenbus.schemas.avro.CancelReason;
import dev.tokenbus.schemas.avro.RequestHeader;
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
  /** Older starts come from a reading of the log again: topic {@code control} is kept as long. */
  private static final Duration YOUNG_START = Duration.ofHours(1);

  private final Policies policies;
  private final Terminations terminations;
  private final Admission admission;
  private final Retries retries;
  private final AttemptReports reports;
  private final Closings closings;
  private final Supervision supervision;

  public RequestLifecycle(Policy policy, ClusterView cluster) {
    policies = new Policies(policy, cluster);
    terminations = new Terminations(policy);
    admission = new Admission(policy, policies, cluster, terminations);
    retries = new Retries(policies, cluster, terminations);
    closings = new Closings(policy, terminations);
    reports = new AttemptReports(admission, terminations, retries, closings, policy);
    supervision = new Supervision(policy, cluster, terminations, retries);
  }

  /**
   * Takes a request's accepted record, for the first time or again.
   *
   * @param state null where the request is not known
   * @param owner the owner of the idempotency key that the record names; null where the key is free
   */
  public Step accepted(
      @Nullable RequestState state,
      RequestHeader record,
      LogPosition position,
      @Nullable IdempotencyEntry owner,
      Instant now) {
    return switch (state) {
      case null -> begin(first(record, position, now), owner, now);
      case Accepted accepted -> admission.decide(accepted, Trigger.ACCEPTANCE, now);
      case Admitted admitted -> admittedAgain(admitted, now);
      case Dispatched dispatched when dispatched.trigger().equals(Trigger.ACCEPTANCE) -> {
        List<Effect> effects = new ArrayList<>(admittedAgain(dispatched, now).effects());
        effects.addAll(admission.repeat(dispatched));
        yield new Step(dispatched, effects);
      }
      case Dispatched dispatched -> admittedAgain(dispatched, now);
      case Streaming streaming -> admittedAgain(streaming, now);
      case Stopping stopping -> admittedAgain(stopping, now);
      case Closing closing -> Step.stay(closing);
      case Ended ended when ended.trigger().equals(Trigger.ACCEPTANCE) ->
          terminations.repeat(ended);
      case Ended ended -> Step.stay(ended);
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
    return IdempotencyEntry.after(before, state, policies.of(request(state)).idempotency());
  }

  /** Takes a worker's report on the start or the end of an attempt, for the first time or again. */
  public Step reported(@Nullable RequestState state, AttemptEvent event, Instant now) {
    if (state == null) {
      return unknown(event, now);
    }
    return switch (event.getEvent()) {
      case AttemptStarted started -> reports.started(state, event, now);
      case AttemptFinished finished -> reports.finished(state, event, finished, now);
      case AttemptDeclined declined -> reports.declined(state, event, declined, now);
      case null, default -> Step.stay(state);
    };
  }

  /** A report comes behind its request's acceptance: an unknown request has ended long ago. */
  private static Step unknown(AttemptEvent event, Instant now) {
    boolean running =
        event.getEvent() instanceof AttemptStarted && event.getAt().plus(YOUNG_START).isAfter(now);
    return new Step(
        null,
        running
            ? List.of(
                CancelCommands.command(
                    event.getRequestId(),
                    event.getTenant(),
                    CancelReason.SUPERSEDED,
                    event.getAttempt(),
                    null,
                    now))
            : List.of());
  }

  /**
   * Fails a request whose record this version cannot read: nothing is called and nothing is billed.
   *
   * @param header what could be read of it
   */
  public Step unreadable(
      @Nullable RequestState state, RequestHeader header, LogPosition position, Instant now) {
    return switch (state) {
      case null -> terminations.unreadable(first(header, position, now), now);
      case Ended ended -> terminations.repeat(ended);
      case Live live -> Step.stay(live);
    };
  }

  /**
   * The client has gone, or somebody else wants the request to end. A worker that runs it reads the
   * command itself; nothing is dispatched any more.
   */
  public Step cancelled(RequestState state, Cancel cancel, Instant now) {
    return switch (state) {
      case Accepted accepted -> terminations.cancelled(accepted, cancel.getReason(), now);
      case Admitted admitted when cancel.getUpToAttempt() > admitted.request().attempts() ->
          terminations.cancelled(admitted, cancel.getReason(), now);
      case Dispatched dispatched when cancel.getUpToAttempt() >= dispatched.attempt().number() ->
          terminations.cancelled(dispatched, cancel.getReason(), now);
      case Streaming streaming when concerns(cancel, streaming) ->
          Step.stay(
              streaming.stop(now.plus(Terminations.CANCEL_REPORT), Terminations.cancelled(cancel)));
      case Admitted admitted -> Step.stay(admitted);
      case Dispatched dispatched -> Step.stay(dispatched);
      case Streaming streaming -> Step.stay(streaming);
      case Stopping stopping -> Step.stay(stopping);
      case Closing closing -> Step.stay(closing);
      case Ended ended -> Step.stay(ended);
    };
  }

  /**
   * A command about many requests concerns this one. A worker that runs it is told, since it cannot
   * know of every scope that the request is in it.
   */
  public Step cancelled(RequestState state, ScopedCancel command, Instant now) {
    Cancel all =
        Cancel.newBuilder().setReason(command.reason()).setUpToAttempt(Integer.MAX_VALUE).build();
    Step step = cancelled(state, all, now);
    return state instanceof Streaming running
        ? step.then(
            new Step(
                step.next(),
                List.of(
                    CancelCommands.stop(
                        running.request(), command.reason(), running.attempt().number(), now))))
        : step;
  }

  private static boolean concerns(Cancel cancel, Streaming streaming) {
    Long except = cancel.getExcept();
    return cancel.getUpToAttempt() >= streaming.attempt().number()
        && (except == null || except != streaming.run().claim());
  }

  /**
   * Makes the transition that is due now, if any, by time or by a change in the {@link
   * ClusterView}.
   */
  public Step advance(RequestState state, Instant now) {
    return switch (state) {
      case Accepted accepted -> admission.decide(accepted, Trigger.TIME, now);
      case Admitted admitted -> admission.dispatch(admitted, Trigger.TIME, now);
      case Dispatched dispatched -> supervision.advance(dispatched, now);
      case Streaming streaming -> supervision.advance(streaming, now);
      case Stopping stopping -> supervision.advance(stopping, now);
      case Closing closing -> closings.advance(closing, now);
      case Ended ended -> forget(ended, now);
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
          new Step(dispatched, admission.repeat(dispatched));
      case Stopping stopping ->
          Step.stay(
              stopping,
              CancelCommands.stop(
                  stopping.request(),
                  Terminations.reason(stopping.failure()),
                  stopping.attempt().number(),
                  now));
      case Closing closing -> closings.resumed(closing, now);
      case Accepted accepted -> Step.stay(accepted);
      case Admitted admitted -> Step.stay(admitted);
      case Dispatched dispatched -> Step.stay(dispatched);
      case Streaming streaming -> Step.stay(streaming);
      case Ended ended -> Step.stay(ended);
    };
  }

  /** Takes the final reply that was read after an {@link Effect.FindFinalReply}. */
  public Step settled(RequestState state, FinalReply word, Instant now) {
    return state instanceof Closing closing
        ? closings.settled(closing, word, now)
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

  private static Request request(RequestState state) {
    return switch (state) {
      case Live live -> live.request();
      case Ended ended -> ended.request();
    };
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

  private Accepted first(RequestHeader header, LogPosition position, Instant now) {
    Request request = Request.of(header, position);
    return new Accepted(request.endingBy(policies.deadline(request)), now, now);
  }

  private static Step admittedAgain(Live state, Instant now) {
    return Step.stay(state, new Effect.SendReply(Replies.admitted(state.request(), now)));
  }

  private static Step forget(Ended state, Instant now) {
    return now.isBefore(state.due()) ? Step.stay(state) : new Step(null, List.of());
  }
}
