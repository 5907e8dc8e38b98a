package dev.tokenbus.router.lifecycle;

import dev.tokenbus.router.lifecycle.RequestState.Accepted;
import dev.tokenbus.router.lifecycle.RequestState.Admitted;
import dev.tokenbus.router.lifecycle.RequestState.Dispatched;
import dev.tokenbus.schemas.avro.CallTimeouts;
import dev.tokenbus.schemas.avro.CancelReason;
import dev.tokenbus.schemas.avro.ProviderEntry;
import dev.tokenbus.schemas.errors.ErrorCode;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Lets requests in, and puts their attempts on work topics. */
final class Admission {
  private static final long HOLD_MS = 50;
  private static final long TOPIC_HOLD_MS = 100;

  private final Policy policy;
  private final World world;
  private final Endings endings;

  Admission(Policy policy, World world, Endings endings) {
    this.policy = policy;
    this.world = world;
    this.endings = endings;
  }

  /** Admits, rejects, or holds the request for the little while that news may take to arrive. */
  Step decide(Accepted state, Cause cause, Instant now) {
    Request request = state.request();
    if (!now.isBefore(request.deadline())) {
      return endings.rejected(state, Endings.deadlineExceeded(), cause, now);
    }
    String model = request.outcome().getModelAsked();
    Optional<Routes> routes = Routes.of(world.catalogue(), model);
    if (routes.isEmpty()) {
      return holdOrReject(
          state,
          cause,
          now,
          state.since().plus(policy.catalogueGrace()),
          Failure.of(
                  ErrorCode.MODEL_NOT_FOUND,
                  "The model `" + model + "` does not exist or you do not have access to it.")
              .withParam("model"));
    }
    Optional<Route> first = routes.get().next(request, null);
    if (first.isEmpty()) {
      return holdOrReject(
          state,
          cause,
          now,
          state.since().plus(policy.catalogueGrace()),
          Failure.of(
                  ErrorCode.PROVIDER_NOT_CONFIGURED,
                  "No provider of model `" + model + "` is in the catalogue")
              .withParam("model"));
    }
    if (!world.dispatchable(first.get().provider())) {
      return holdOrReject(
          state,
          cause,
          now,
          state.since().plus(policy.topicGrace()),
          Failure.of(
                  ErrorCode.UNAVAILABLE,
                  "The work topics of provider " + first.get().provider() + " are not there yet")
              .withProvider(first.get().provider()));
    }
    return new Step(
        state.admit(now),
        List.of(
            new Effect.Say(Replies.admitted(request, state.stream(), state.includeUsage(), now))));
  }

  /** Puts the next attempt on its work topic, if its time has come. */
  Step dispatch(Admitted state, Cause cause, Instant now) {
    Request request = state.request();
    if (!now.isBefore(request.deadline())) {
      return endings.timedOut(
          state, request, Endings.deadlineExceeded(), CancelReason.DEADLINE, now);
    }
    if (now.isBefore(state.notBefore())) {
      return Step.stay(state);
    }
    String model = request.outcome().getModelAsked();
    Optional<Route> route =
        Routes.of(world.catalogue(), model).flatMap(known -> known.next(request, state.again()));
    if (route.isEmpty()) {
      Failure failure = state.failure();
      return endings.timedOut(
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
    Optional<ProviderEntry> provider = world.catalogue().provider(route.get().provider());
    if (provider.isEmpty() || !world.dispatchable(route.get().provider())) {
      return Step.stay(state.postponed(now.plusMillis(TOPIC_HOLD_MS)));
    }
    Dispatched next = state.dispatch(route.get(), model, cause, now);
    return Step.stay(
        next, new Effect.Dispatch(next.request(), next.attempt(), timeouts(provider.get())));
  }

  /** Dispatches once more what may have been lost with the process that did it first. */
  List<Effect> repeat(Dispatched state) {
    return world
        .catalogue()
        .provider(state.attempt().provider())
        .<Effect>map(
            provider -> new Effect.Dispatch(state.request(), state.attempt(), timeouts(provider)))
        .map(List::of)
        .orElse(List.of());
  }

  private Step holdOrReject(
      Accepted state, Cause cause, Instant now, Instant until, Failure failure) {
    return now.isBefore(until)
        ? Step.stay(state.held(now.plusMillis(HOLD_MS)))
        : endings.rejected(state, failure, cause, now);
  }

  private static CallTimeouts timeouts(ProviderEntry provider) {
    return CallTimeouts.newBuilder()
        .setConnectMs(provider.getConnectTimeoutMs())
        .setFirstTokenMs(provider.getFirstTokenTimeoutMs())
        .setStallMs(provider.getStallTimeoutMs())
        .build();
  }
}
