package dev.tokenbus.router.lifecycle;

import dev.tokenbus.router.lifecycle.RequestState.Accepted;
import dev.tokenbus.router.lifecycle.RequestState.Admitted;
import dev.tokenbus.router.lifecycle.RequestState.Dispatched;
import dev.tokenbus.router.routing.Route;
import dev.tokenbus.router.routing.Routes;
import dev.tokenbus.schemas.avro.CancelReason;
import dev.tokenbus.schemas.avro.ProviderEntry;
import dev.tokenbus.schemas.errors.ErrorCode;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Admits requests, and dispatches their attempts to work topics. */
final class Admission {
  private static final long HOLD_MS = 50;
  private static final long TOPIC_HOLD_MS = 100;

  private final Policy policy;
  private final Policies policies;
  private final ClusterView cluster;
  private final Terminations terminations;

  Admission(Policy policy, Policies policies, ClusterView cluster, Terminations terminations) {
    this.policy = policy;
    this.policies = policies;
    this.cluster = cluster;
    this.terminations = terminations;
  }

  /** Admits or rejects the request, or holds it while a catalogue entry may still be on its way. */
  Step decide(Accepted state, Trigger trigger, Instant now) {
    Request request = state.request();
    if (!now.isBefore(request.deadline())) {
      return terminations.rejected(state, Terminations.deadlineExceeded(), trigger, now);
    }
    String model = request.outcome().getModelAsked();
    Optional<Routes> routes = Routes.of(cluster.catalogue(), model);
    if (routes.isEmpty()) {
      return holdOrReject(
          state,
          trigger,
          now,
          state.since().plus(policy.catalogueGrace()),
          Failure.of(
                  ErrorCode.MODEL_NOT_FOUND,
                  "The model `" + model + "` does not exist or you do not have access to it.")
              .withParam("model"));
    }
    Optional<Route> first = routes.get().next(request.routeHistory(), null);
    if (first.isEmpty()) {
      return holdOrReject(
          state,
          trigger,
          now,
          state.since().plus(policy.catalogueGrace()),
          Failure.of(
                  ErrorCode.PROVIDER_NOT_CONFIGURED,
                  "No provider of model `" + model + "` is in the catalogue")
              .withParam("model"));
    }
    if (!cluster.dispatchable(first.get().provider())) {
      return holdOrReject(
          state,
          trigger,
          now,
          state.since().plus(policy.topicGrace()),
          Failure.of(
                  ErrorCode.UNAVAILABLE,
                  "The work topics of provider " + first.get().provider() + " are not there yet")
              .withProvider(first.get().provider()));
    }
    return new Step(
        state.admit(now), List.of(new Effect.SendReply(Replies.admitted(request, now))));
  }

  /** Dispatches the next attempt, if its back-off is over. */
  Step dispatch(Admitted state, Trigger trigger, Instant now) {
    Request request = state.request();
    if (!now.isBefore(request.deadline())) {
      return terminations.timedOut(
          state, request, Terminations.deadlineExceeded(), CancelReason.DEADLINE, now);
    }
    if (now.isBefore(state.notBefore())) {
      return Step.stay(state);
    }
    String model = request.outcome().getModelAsked();
    Optional<Route> route =
        Routes.of(cluster.catalogue(), model)
            .flatMap(known -> known.next(request.routeHistory(), state.again()));
    if (route.isEmpty()) {
      Failure failure = state.failure();
      return terminations.timedOut(
          state,
          request,
          failure != null
              ? failure
              : Failure.of(
                  ErrorCode.PROVIDER_NOT_CONFIGURED,
                  "No provider of model `" + model + "` is left in the catalogue"),
          CancelReason.SUPERSEDED,
          now);
    }
    Optional<ProviderEntry> provider = cluster.catalogue().provider(route.get().provider());
    if (provider.isEmpty() || !cluster.dispatchable(route.get().provider())) {
      return Step.stay(state.postponed(now.plusMillis(TOPIC_HOLD_MS)));
    }
    Dispatched next = state.dispatch(route.get(), model, trigger, now);
    return Step.stay(
        next,
        new Effect.Dispatch(
            next.request(),
            next.attempt(),
            policies.terms(next.request(), route.get(), provider.get()),
            next.predecessor()));
  }

  /** Repeats a dispatch that may have been lost with the process that made it. */
  List<Effect> repeat(Dispatched state) {
    return cluster
        .catalogue()
        .provider(state.attempt().provider())
        .<Effect>map(provider ->
            new Effect.Dispatch(
                state.request(),
                state.attempt(),
                policies.terms(state.request(), state.attempt().route(), provider),
                state.predecessor()))
        .map(List::of)
        .orElse(List.of());
  }

  private Step holdOrReject(
      Accepted state, Trigger trigger, Instant now, Instant until, Failure failure) {
    return now.isBefore(until)
        ? Step.stay(state.held(now.plusMillis(HOLD_MS)))
        : terminations.rejected(state, failure, trigger, now);
  }
}
