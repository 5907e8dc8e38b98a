package dev.tokenbus.router.lifecycle;

import dev.tokenbus.router.lifecycle.RequestState.Dispatched;
import dev.tokenbus.router.lifecycle.RequestState.Stopping;
import dev.tokenbus.router.lifecycle.RequestState.Streaming;
import dev.tokenbus.schemas.avro.CancelReason;
import dev.tokenbus.schemas.errors.ErrorCode;
import java.time.Instant;

/** Moves requests on as time passes and as workers come and go. */
final class Supervision {
  private final Policy policy;
  private final ClusterView cluster;
  private final Terminations terminations;
  private final Retries retries;

  Supervision(Policy policy, ClusterView cluster, Terminations terminations, Retries retries) {
    this.policy = policy;
    this.cluster = cluster;
    this.terminations = terminations;
    this.retries = retries;
  }

  Step advance(Dispatched state, Instant now) {
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

  Step advance(Streaming state, Instant now) {
    if (!now.isBefore(state.request().deadline())) {
      return Step.stay(
          state.stop(now.plus(policy.stopping()), Terminations.deadlineExceeded()),
          CancelCommands.stop(
              state.request(), CancelReason.DEADLINE, state.attempt().number(), now));
    }
    boolean lost = !now.isBefore(state.trustUntil()) && cluster.lost(state.run(), now);
    return lost ? retries.workerLost(state, now) : Step.stay(state);
  }

  Step advance(Stopping state, Instant now) {
    if (now.isBefore(state.until()) && !cluster.lost(state.run(), now)) {
      return Step.stay(state);
    }
    return terminations.timedOut(
        state,
        state
            .request()
            .withUnbilled(
                AttemptBilling.silent(state.attempt(), state.run(), state.failure().errorCode())),
        state.failure(),
        Terminations.reason(state.failure()),
        now);
  }
}
