package dev.tokenbus.router.store;

import dev.tokenbus.router.lifecycle.Attempt;
import dev.tokenbus.router.lifecycle.Failure;
import dev.tokenbus.router.lifecycle.Predecessor;
import dev.tokenbus.router.lifecycle.Run;
import dev.tokenbus.router.lifecycle.Trigger;
import dev.tokenbus.router.routing.Route;
import dev.tokenbus.router.state.StoredAttempt;
import dev.tokenbus.router.state.StoredCause;
import dev.tokenbus.router.state.StoredFailure;
import dev.tokenbus.router.state.StoredPredecessor;
import dev.tokenbus.router.state.StoredRoute;
import dev.tokenbus.router.state.StoredRun;
import org.jspecify.annotations.Nullable;

/** Converts the parts of a request's state to stored records and back. */
final class PartCodec {
  private PartCodec() {}

  static StoredAttempt stored(Attempt attempt) {
    return new StoredAttempt(
        attempt.number(), attempt.provider(), attempt.model(), attempt.upstreamModel());
  }

  static Attempt attempt(StoredAttempt stored) {
    return new Attempt(
        stored.getNumber(), stored.getProvider(), stored.getModel(), stored.getUpstreamModel());
  }

  static StoredCause stored(Trigger trigger) {
    return new StoredCause(trigger.attempt(), trigger.claim());
  }

  static Trigger trigger(StoredCause stored) {
    return new Trigger(stored.getAttempt(), stored.getClaim());
  }

  static StoredRun stored(Run run) {
    return new StoredRun(run.claim(), run.workerId(), run.workerEpoch());
  }

  static Run run(StoredRun stored) {
    return new Run(stored.getClaim(), stored.getWorkerId(), stored.getWorkerEpoch());
  }

  static @Nullable StoredRoute stored(@Nullable Route route) {
    return route == null ? null : new StoredRoute(route.provider(), route.upstreamModel());
  }

  static @Nullable Route route(@Nullable StoredRoute stored) {
    return stored == null ? null : new Route(stored.getProvider(), stored.getUpstreamModel());
  }

  static @Nullable StoredFailure stored(@Nullable Failure failure) {
    return failure == null ? null : storedFailure(failure);
  }

  static StoredFailure storedFailure(Failure failure) {
    return new StoredFailure(
        failure.code(),
        failure.message(),
        failure.param(),
        failure.provider(),
        failure.providerStatus(),
        failure.retryAfterMs());
  }

  static @Nullable Failure failure(@Nullable StoredFailure stored) {
    return stored == null ? null : presentFailure(stored);
  }

  static Failure presentFailure(StoredFailure stored) {
    return new Failure(
        stored.getCode(),
        stored.getMessage(),
        stored.getParam(),
        stored.getProvider(),
        stored.getProviderStatus(),
        stored.getRetryAfterMs());
  }

  static @Nullable StoredPredecessor stored(@Nullable Predecessor predecessor) {
    return predecessor == null
        ? null
        : new StoredPredecessor(stored(predecessor.attempt()), stored(predecessor.run()));
  }

  static @Nullable Predecessor predecessor(@Nullable StoredPredecessor stored) {
    return stored == null
        ? null
        : new Predecessor(attempt(stored.getAttempt()), run(stored.getRun()));
  }
}
