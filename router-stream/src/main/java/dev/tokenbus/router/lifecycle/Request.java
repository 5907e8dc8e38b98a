package dev.tokenbus.router.lifecycle;

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
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a request in every state, without its body.
 *
 * <p>Immutable.
 *
 * @param outcome the request's outcome as far as it is known; its status is UNKNOWN until the end
 * @param deadline after which nobody waits any more
 * @param position where the body stands
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

  /** What is asked; the contract has one kind of body so far. */
  static ChatRequest chat(RequestAccepted accepted) {
    return (ChatRequest) accepted.getBody();
  }

  public RequestId id() {
    return RequestId.parse(outcome.getRequestId());
  }

  public String tenant() {
    return outcome.getTenant();
  }

  /** Null where the request has none. */
  public @Nullable IdempotencyKey idempotencyKey() {
    return idempotency == null ? null : new IdempotencyKey(tenant(), idempotency.key());
  }

  /**
   * What every reader of the replies needs to render them.
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

  /** How many attempts have been dispatched; the number of the last one. */
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

  Request failed() {
    return new Request(outcome, deadline, position, failures + 1, losses, tried, idempotency);
  }

  Request lost() {
    return new Request(outcome, deadline, position, failures, losses + 1, tried, idempotency);
  }

  /**
   * Notes an attempt that is not billed. What is known already about the attempt and says nothing
   * of its cost is replaced; a repeat changes nothing.
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

  /** As {@link #withUnbilled}, unless the attempt is the one that is billed. */
  Request withCost(AttemptEvent event, AttemptFinished finished) {
    BilledAttempt billed = outcome.getBilled();
    return billed != null && billed.getAttempt() == event.getAttempt()
        ? this
        : withUnbilled(Costs.reported(event, finished));
  }

  Request with(RequestFinished newOutcome) {
    return new Request(newOutcome, deadline, position, failures, losses, tried, idempotency);
  }
}
