package dev.tokenbus.router.lifecycle;

import dev.tokenbus.router.routing.Route;
import dev.tokenbus.router.routing.RouteHistory;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.AttemptEvent;
import dev.tokenbus.schemas.avro.AttemptFinished;
import dev.tokenbus.schemas.avro.BilledAttempt;
import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.Rendering;
import dev.tokenbus.schemas.avro.RequestAccepted;
import dev.tokenbus.schemas.avro.RequestFinished;
import dev.tokenbus.schemas.avro.RequestStatus;
import dev.tokenbus.schemas.avro.UnbilledAttempt;
import dev.tokenbus.schemas.errors.ErrorCode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a request in every state, without its body.
 *
 * <p>Immutable.
 *
 * @param outcome the request's outcome as far as it is known; its status is UNKNOWN until the end
 * @param deadline after which the request fails
 * @param position position of the accepted record, with the body
 * @param failures attempts that failed
 * @param losses attempts and dispatches that got lost
 * @param tried labels of the routes taken so far
 * @param idempotency null where the client has not asked for it
 */
public record Request(
    RequestFinished outcome,
    Instant deadline,
    LogPosition position,
    int failures,
    int losses,
    List<String> tried,
    @Nullable Idempotency idempotency) {
  public Request {
    tried = List.copyOf(tried);
  }

  static Request of(RequestAccepted accepted, LogPosition position) {
    RequestFinished outcome =
        RequestFinished.newBuilder()
            .setRequestId(accepted.getRequestId())
            .setTenant(accepted.getTenant())
            .setTeam(accepted.getTeam())
            .setUser(accepted.getUser())
            .setKeyId(accepted.getKeyId())
            .setAgent(accepted.getAgent())
            .setSession(accepted.getSession())
            .setProtocol(accepted.getProtocol())
            .setModelAsked(chat(accepted).getModel())
            .setMode(accepted.getMode())
            .setPriority(accepted.getPriority())
            .setStatus(RequestStatus.UNKNOWN)
            .setAcceptedAt(accepted.getAcceptedAt())
            .setFinishedAt(accepted.getAcceptedAt())
            .setAttempts(0)
            .build();
    return new Request(
        outcome, accepted.getDeadline(), position, 0, 0, List.of(), Idempotency.of(accepted));
  }

  /** The body; the contract has one kind so far. */
  static ChatRequest chat(RequestAccepted accepted) {
    return (ChatRequest) accepted.getBody();
  }

  public RequestId id() {
    return RequestId.parse(outcome.getRequestId());
  }

  public String tenant() {
    return outcome.getTenant();
  }

  /** Null where the request has no key. */
  public @Nullable IdempotencyKey idempotencyKey() {
    return idempotency == null ? null : new IdempotencyKey(tenant(), idempotency.key());
  }

  /**
   * The fields that every reader of the reply stream needs to render it.
   *
   * @param stream whether the client asked for a stream
   * @param includeUsage whether the client asked for a usage chunk
   */
  public Rendering rendering(boolean stream, boolean includeUsage) {
    return Rendering.newBuilder()
        .setTenant(outcome.getTenant())
        .setKeyId(outcome.getKeyId())
        .setProtocol(outcome.getProtocol())
        .setModelAsked(outcome.getModelAsked())
        .setAcceptedAt(outcome.getAcceptedAt())
        .setStream(stream)
        .setIncludeUsage(includeUsage)
        .setSession(outcome.getSession())
        .build();
  }

  /** The number of attempts that were dispatched, which is the number of the last one. */
  public int attempts() {
    return outcome.getAttempts();
  }

  Request dispatched(Route route, Instant at) {
    RequestFinished.Builder builder =
        RequestFinished.newBuilder(outcome).setAttempts(attempts() + 1);
    if (outcome.getDispatchedAt() == null) {
      builder.setDispatchedAt(at);
    }
    List<String> routes = new ArrayList<>(tried);
    if (!routes.contains(route.label())) {
      routes.add(route.label());
    }
    return new Request(builder.build(), deadline, position, failures, losses, routes, idempotency);
  }

  Request started(Instant at) {
    if (outcome.getStartedAt() != null) {
      return this;
    }
    return with(RequestFinished.newBuilder(outcome).setStartedAt(at).build());
  }

  /** What the attempts so far tell about the routes that are left. */
  RouteHistory routeHistory() {
    Set<String> refusedBy =
        outcome.getUnbilled().stream()
            .filter(attempt ->
                attempt.getErrorCode() != null && !ErrorCode.of(attempt.getErrorCode()).retryable())
            .map(UnbilledAttempt::getProvider)
            .collect(Collectors.toSet());
    return new RouteHistory(tried, refusedBy, failures);
  }

  Request failed() {
    return new Request(outcome, deadline, position, failures + 1, losses, tried, idempotency);
  }

  Request lost() {
    return new Request(outcome, deadline, position, failures, losses + 1, tried, idempotency);
  }

  /**
   * Adds an attempt that is not billed. It replaces an entry of the same attempt that has no usage;
   * a repeat changes nothing.
   */
  Request withUnbilled(UnbilledAttempt cost) {
    List<UnbilledAttempt> unbilled = new ArrayList<>(outcome.getUnbilled());
    if (unbilled.contains(cost)) {
      return this;
    }
    unbilled.removeIf(known -> known.getAttempt() == cost.getAttempt() && known.getUsage() == null);
    unbilled.add(cost);
    return with(RequestFinished.newBuilder(outcome).setUnbilled(unbilled).build());
  }

  /** As {@link #withUnbilled}, unless this attempt is billed. */
  Request withCost(AttemptEvent event, AttemptFinished finished) {
    BilledAttempt billed = outcome.getBilled();
    return billed != null && billed.getAttempt() == event.getAttempt()
        ? this
        : withUnbilled(AttemptBilling.reported(event, finished));
  }

  Request with(RequestFinished newOutcome) {
    return new Request(newOutcome, deadline, position, failures, losses, tried, idempotency);
  }
}
