package dev.tokenbus.router.lifecycle;

import dev.tokenbus.router.lifecycle.RequestState.Admitted;
import dev.tokenbus.router.lifecycle.RequestState.Dispatched;
import dev.tokenbus.router.lifecycle.RequestState.Live;
import dev.tokenbus.router.lifecycle.RequestState.Streaming;
import dev.tokenbus.router.routing.Route;
import dev.tokenbus.router.routing.Routes;
import dev.tokenbus.schemas.avro.AttemptEvent;
import dev.tokenbus.schemas.avro.AttemptFinished;
import dev.tokenbus.schemas.avro.AttemptOutcome;
import dev.tokenbus.schemas.avro.CancelReason;
import dev.tokenbus.schemas.errors.ErrorCode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether another attempt follows one that failed or got lost, at which route, and when.
 */
final class Retries {
  private final Policies policies;
  private final ClusterView cluster;
  private final Terminations terminations;

  Retries(Policies policies, ClusterView cluster, Terminations terminations) {
    this.policies = policies;
    this.cluster = cluster;
    this.terminations = terminations;
  }

  /** Takes a worker's report that the attempt failed. */
  Step failed(Streaming state, AttemptEvent event, AttemptFinished finished, Instant now) {
    Failure failure = Failure.of(event, finished, ErrorCode.INTERNAL);
    if (failure.errorCode() == ErrorCode.WORKER_LOST) {
      return handedOver(state, event, finished, now);
    }
    Request request =
        state.request().failed().withUnbilled(AttemptBilling.reported(event, finished));
    if (!now.isBefore(request.deadline())) {
      return terminations.failed(
          state, request, Terminations.deadlineExceeded(), event, finished, now);
    }
    if (finished.getDelivered()) {
      return brokenStream(state, request, failure, event, finished, now);
    }
    Optional<Admitted> next =
        request.failures() < policies.of(request).maxAttempts()
            ? next(state, request, failure, now)
            : Optional.empty();
    return next.isPresent()
        ? Step.stay(next.get())
        : terminations.failed(state, request, failure, event, finished, now);
  }

  /**
   * Takes the report of a worker that shuts down, or has found that it does not own the attempt.
   */
  Step handedOver(Streaming state, AttemptEvent event, AttemptFinished finished, Instant now) {
    Request request = state.request().lost().withUnbilled(AttemptBilling.reported(event, finished));
    if (!now.isBefore(request.deadline())) {
      return terminations.failed(
          state, request, Terminations.deadlineExceeded(), event, finished, now);
    }
    boolean delivered =
        finished.getDelivered() || finished.getOutcome() == AttemptOutcome.SUPERSEDED;
    if (delivered && !policies.of(request).continueStreams()) {
      return terminations.failed(
          state,
          request,
          brokenBy("its worker has stopped", event.getProvider()),
          event,
          finished,
          now);
    }
    if (request.losses() > policies.of(request).maxLosses()) {
      return terminations.failed(state, request, exhausted(request), event, finished, now);
    }
    return Step.stay(state.takeOver(request, now, null));
  }

  /**
   * Replaces the attempt of a silent worker; what it has delivered is not known here. It is not
   * told to stop: the successor looks first whether it still writes, and fences it off otherwise.
   */
  Step workerLost(Streaming state, Instant now) {
    Request request =
        state
            .request()
            .lost()
            .withUnbilled(
                AttemptBilling.silent(state.attempt(), state.run(), ErrorCode.WORKER_LOST));
    if (!policies.of(request).continueStreams()) {
      Failure failure =
          Failure.of(ErrorCode.WORKER_LOST, "The worker died while it ran the request")
              .withProvider(state.attempt().provider());
      return terminations.timedOut(state, request, failure, CancelReason.SUPERSEDED, now);
    }
    return request.losses() > policies.of(request).maxLosses()
        ? terminations.timedOut(state, request, exhausted(request), CancelReason.SUPERSEDED, now)
        : Step.stay(state.takeOver(request, now, null));
  }

  /**
   * Replaces an attempt of which two runs have delivered output: only a reader of the log can tell
   * which one clients see.
   */
  Step contested(Streaming state, AttemptEvent event, Instant now) {
    Request request = state.request().lost();
    if (!now.isBefore(request.deadline())) {
      return terminations.timedOut(
          state, request, Terminations.deadlineExceeded(), CancelReason.DEADLINE, now);
    }
    if (!policies.of(request).continueStreams()) {
      // The log tells whose output is billed: it need not be that of the run that has reported.
      return terminations.timedOut(
          state,
          request,
          brokenBy("two workers ran it at once", event.getProvider()),
          CancelReason.SUPERSEDED,
          now);
    }
    return lost(state, request, changed -> state.takeOver(changed, now, null), now);
  }

  /** Replaces a dispatch that idle workers have not taken: the broker no longer delivers it. */
  Step dispatchLost(Dispatched state, Instant now) {
    return lost(state, state.request().lost(), request -> state.dispatchAgain(request, now), now);
  }

  private Step lost(Live state, Request request, Function<Request, Admitted> next, Instant now) {
    if (request.losses() > policies.of(request).maxLosses()) {
      return terminations.timedOut(
          state, request, exhausted(request), CancelReason.SUPERSEDED, now);
    }
    return Step.stay(
        next.apply(request),
        CancelCommands.stop(request, CancelReason.SUPERSEDED, request.attempts(), now));
  }

  private Step brokenStream(
      Streaming state,
      Request request,
      Failure failure,
      AttemptEvent event,
      AttemptFinished finished,
      Instant now) {
    if (!failure.errorCode().retryable()) {
      return terminations.failed(state, request, failure, event, finished, now);
    }
    if (policies.of(request).continueStreams()
        && request.failures() < policies.of(request).maxAttempts()) {
      return Step.stay(state.takeOver(request, now, failure));
    }
    Failure broken =
        new Failure(
            ErrorCode.STREAM_BROKEN.wireName(),
            "The stream broke half-way (" + failure.code() + "): " + failure.message(),
            failure.param(),
            failure.provider(),
            failure.providerStatus(),
            null);
    return terminations.failed(state, request, broken, event, finished, now);
  }

  /** The next attempt; empty where another one is useless or too late. */
  private Optional<Admitted> next(Streaming state, Request request, Failure failure, Instant now) {
    Routes routes =
        Routes.of(cluster.catalogue(), request.outcome().getModelAsked())
            .orElse(new Routes(List.of()));
    Route spoken = request.spoken();
    if (spoken != null && !hopeless(spoken, request, failure, routes, now)) {
      return Optional.of(
          state.continueAt(
              spoken, request, now.plus(wait(request, failure.retryAfterMs())), failure));
    }
    return retryAt(routes, request, failure, now)
        .map(when ->
            spoken == null
                ? state.retry(request, when, failure)
                : state.continueElsewhere(request, when, failure));
  }

  /**
   * Whether the model that the client has seen output of cannot be expected to continue it: it
   * refuses, asks for more time than there is, or has failed silently and only one attempt is left
   * that another model could take.
   */
  private boolean hopeless(
      Route spoken, Request request, Failure failure, Routes routes, Instant now) {
    return !failure.errorCode().retryable()
        || !routes.known().contains(spoken)
        || tooLate(wait(request, failure.retryAfterMs()), request, now)
        || (request.failures() == policies.of(request).maxAttempts() - 1
            && routes.untried(request.routeHistory()).isPresent());
  }

  private boolean tooLate(Duration wait, Request request, Instant now) {
    return wait.compareTo(policies.of(request).maxBackoff()) > 0
        || !now.plus(wait).isBefore(request.deadline());
  }

  /** When to try again; empty where another attempt is useless or too late. */
  private Optional<Instant> retryAt(Routes routes, Request request, Failure failure, Instant now) {
    ErrorCode code = failure.errorCode();
    if ((code.retryable() || mayHelpElsewhere(code))
        && routes.untried(request.routeHistory()).isPresent()) {
      return Optional.of(now);
    }
    if (!code.retryable() || routes.again(request.routeHistory()).isEmpty()) {
      return Optional.empty();
    }
    Duration wait = wait(request, failure.retryAfterMs());
    return tooLate(wait, request, now) ? Optional.empty() : Optional.of(now.plus(wait));
  }

  private Duration wait(Request request, @Nullable Long retryAfterMs) {
    long doubled =
        policies.of(request).backoff().toMillis()
            << Math.min(Math.max(0, request.failures() - 1), 16);
    long longest = Math.min(doubled, policies.of(request).maxBackoff().toMillis());
    // The jitter is between half and all of the wait and the same for the same request, so that a
    // repeat decides alike.
    long jitter =
        Math.floorMod(31L * request.id().hashCode() + request.failures(), longest / 2 + 1);
    long own = longest - jitter;
    return Duration.ofMillis(retryAfterMs == null ? own : Math.max(own, retryAfterMs));
  }

  private static boolean mayHelpElsewhere(ErrorCode code) {
    return code == ErrorCode.PROVIDER_NOT_CONFIGURED
        || code == ErrorCode.PROVIDER_AUTHENTICATION
        || code == ErrorCode.PROVIDER_REJECTED;
  }

  private static Failure brokenBy(String why, String provider) {
    return Failure.of(ErrorCode.STREAM_BROKEN, "The stream broke half-way: " + why)
        .withProvider(provider);
  }

  private static Failure exhausted(Request request) {
    return Failure.of(
        ErrorCode.ATTEMPTS_EXHAUSTED,
        "The request was lost " + request.losses() + " times and is not tried again");
  }
}
