package dev.tokenbus.router.lifecycle;

import dev.tokenbus.router.routing.Route;
import dev.tokenbus.runtime.catalogue.Catalogue;
import dev.tokenbus.runtime.catalogue.Deployment;
import dev.tokenbus.schemas.avro.CallTimeouts;
import dev.tokenbus.schemas.avro.ContinuationPolicy;
import dev.tokenbus.schemas.avro.PolicyEntry;
import dev.tokenbus.schemas.avro.ProviderEntry;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How single requests are treated: by the policies of the catalogue for their key, tenant and
 * model, and by the router's settings where those say nothing.
 */
final class Policies {
  private final Policy standard;
  private final ClusterView cluster;

  Policies(Policy standard, ClusterView cluster) {
    this.standard = standard;
    this.cluster = cluster;
  }

  /** The limits and time-outs of a request. */
  Policy of(Request request) {
    PolicyEntry entry = entry(request);
    Duration maxBackoff = millis(entry.getMaxBackoffMs(), standard.maxBackoff());
    Duration backoff = millis(entry.getBackoffMs(), standard.backoff());
    return new Policy(
        Math.max(1, or(entry.getMaxAttempts(), standard.maxAttempts())),
        Math.max(0, or(entry.getMaxLosses(), standard.maxLosses())),
        backoff.compareTo(maxBackoff) > 0 ? maxBackoff : backoff,
        maxBackoff,
        standard.catalogueGrace(),
        standard.topicGrace(),
        standard.lostDispatch(),
        standard.noWorker(),
        standard.stopping(),
        standard.closing(),
        standard.repeatOutcome(),
        millis(entry.getIdempotencyMs(), standard.idempotency()),
        or(entry.getContinueStreams(), standard.continueStreams()));
  }

  /** The earlier of what the client asked for and what policy allows. */
  Instant deadline(Request request) {
    Long most = entry(request).getDeadlineMs();
    if (most == null || most < 0) {
      return request.deadline();
    }
    Instant allowed = request.outcome().getAcceptedAt().plusMillis(most);
    return allowed.isBefore(request.deadline()) ? allowed : request.deadline();
  }

  /** The terms of a call at a provider. */
  Effect.Terms terms(Request request, Route route, ProviderEntry provider) {
    PolicyEntry entry = entry(request);
    CallTimeouts timeouts =
        CallTimeouts.newBuilder()
            .setConnectMs(or(entry.getConnectTimeoutMs(), provider.getConnectTimeoutMs()))
            .setFirstTokenMs(or(entry.getFirstTokenTimeoutMs(), provider.getFirstTokenTimeoutMs()))
            .setStallMs(or(entry.getStallTimeoutMs(), provider.getStallTimeoutMs()))
            .build();
    Optional<Deployment> deployment = deployment(request, route);
    return new Effect.Terms(
        timeouts,
        deployment.map(found -> continuation(entry, found)).orElse(null),
        deployment.flatMap(Deployment::region).orElse(null),
        entry.getMaxOutputTokens());
  }

  private ContinuationPolicy continuation(PolicyEntry entry, Deployment deployment) {
    return ContinuationPolicy.newBuilder()
        .setAllowed(or(entry.getContinueStreams(), standard.continueStreams()))
        .setPrefill(deployment.prefill())
        .setInstruction(deployment.instruction() && or(entry.getContinueByInstruction(), true))
        .setHoldToolCalls(or(entry.getHoldToolCalls(), false))
        .build();
  }

  private Optional<Deployment> deployment(Request request, Route route) {
    Catalogue catalogue = cluster.catalogue();
    return catalogue
        .model(request.outcome().getModelAsked())
        .flatMap(model -> catalogue.deployment(model, route.provider(), route.upstreamModel()));
  }

  private PolicyEntry entry(Request request) {
    return cluster
        .catalogue()
        .policy(request.tenant(), request.outcome().getKeyId(), request.outcome().getModelAsked());
  }

  private static <T> T or(@Nullable T value, T otherwise) {
    return value == null ? otherwise : value;
  }

  private static Duration millis(@Nullable Long value, Duration otherwise) {
    return value == null || value < 0 ? otherwise : Duration.ofMillis(value);
  }
}
