package dev.tokenbus.router.lifecycle;

import dev.tokenbus.router.routing.Route;
import dev.tokenbus.router.routing.RouteHistory;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.AttemptEvent;
import dev.tokenbus.schemas.avro.AttemptFinished;
import dev.tokenbus.schemas.avro.BilledAttempt;
import dev.tokenbus.schemas.avro.LogReference;
import dev.tokenbus.schemas.avro.Rendering;
import dev.tokenbus.schemas.avro.RequestFinished;
import dev.tokenbus.schemas.avro.RequestHeader;
import dev.tokenbus.schemas.avro.RequestStatus;
import dev.tokenbus.schemas.avro.UnbilledAttempt;
import dev.tokenbus.schemas.errors.ErrorCode;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
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
 * @param position of the accepted record, from which the body can be found
 * @param form what replies and dispatches copy from the header
 * @param failures attempts that failed
 * @param losses attempts and dispatches that got lost
 * @param tried labels of the routes taken so far
 * @param spoken the route whose output the client may have seen; null where it has seen none
 * @param idempotency null where the client has sent no key
 */
public record Request(
    RequestFinished outcome,
    Instant deadline,
    LogPosition position,
    RequestForm form,
    int failures,
    int losses,
    List<String> tried,
    @Nullable Route spoken,
    @Nullable Idempotency idempotency) {
  public Request {
    tried = List.copyOf(tried);
  }

  static Request of(RequestHeader header, LogPosition position) {
    RequestFinished outcome =
        RequestFinished.newBuilder()
            .setRequestId(header.getRequestId())
            .setTenant(header.getTenant())
            .setTeam(header.getTeam())
            .setUser(header.getUser())
            .setKeyId(header.getKeyId())
            .setAgent(header.getAgent())
            .setSession(header.getSession())
            .setProtocol(header.getProtocol())
            .setModelAsked(header.getModelAsked())
            .setMode(header.getMode())
            .setPriority(header.getPriority())
            .setStatus(RequestStatus.UNKNOWN)
            .setAcceptedAt(header.getAcceptedAt())
            .setFinishedAt(header.getAcceptedAt())
            .setAttempts(0)
            .setBodyKind(header.getBodyKind())
            .setLane(header.getLane())
            .setParentRequestId(header.getParentRequestId())
            .setRunId(header.getRunId())
            .setTags(header.getTags())
            .setDoor(header.getDoor())
            .build();
    return new Request(
        outcome,
        header.getDeadline(),
        position,
        RequestForm.of(header),
        0,
        0,
        List.of(),
        null,
        Idempotency.of(header));
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

  /** The fields that every reader of the reply stream needs to render it. */
  public Rendering rendering() {
    return Rendering.newBuilder()
        .setTenant(outcome.getTenant())
        .setKeyId(outcome.getKeyId())
        .setProtocol(outcome.getProtocol())
        .setModelAsked(outcome.getModelAsked())
        .setAcceptedAt(outcome.getAcceptedAt())
        .setStream(form.stream())
        .setIncludeUsage(form.includeUsage())
        .setSession(outcome.getSession())
        .setRequest(record())
        .setBodyKind(outcome.getBodyKind())
        .setOptions(form.options())
        .build();
  }

  /** Where the accepted record stands. */
  public LogReference record() {
    return new LogReference(Topics.REQUESTS.name(), position.partition(), position.offset());
  }

  /** The number of attempts that were dispatched, which is the number of the last one. */
  public int attempts() {
    return outcome.getAttempts();
  }

  /** The request with this deadline. */
  Request endingBy(Instant newDeadline) {
    return new Request(
        outcome, newDeadline, position, form, failures, losses, tried, spoken, idempotency);
  }

  Request dispatched(Route route, Instant at) {
    OutcomeChange change = new OutcomeChange(outcome).attempts(attempts() + 1);
    if (outcome.getDispatchedAt() == null) {
      change.dispatchedAt(at);
    }
    List<String> routes = new ArrayList<>(tried);
    if (!routes.contains(route.label())) {
      routes.add(route.label());
    }
    return new Request(
        change.outcome(), deadline, position, form, failures, losses, routes, spoken, idempotency);
  }

  Request started(Instant at) {
    if (outcome.getStartedAt() != null) {
      return this;
    }
    return with(new OutcomeChange(outcome).startedAt(at).outcome());
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
    return counted(failures + 1, losses);
  }

  Request lost() {
    return counted(failures, losses + 1);
  }

  /** The loss was a false alarm. */
  Request found() {
    return counted(failures, Math.max(0, losses - 1));
  }

  private Request counted(int newFailures, int newLosses) {
    return new Request(
        outcome, deadline, position, form, newFailures, newLosses, tried, spoken, idempotency);
  }

  /** The client may have seen output of this route. */
  Request spokenBy(Route route) {
    return new Request(
        outcome, deadline, position, form, failures, losses, tried, route, idempotency);
  }

  /**
   * Adds a run that is not billed. It replaces an entry of the same run that has no usage; a repeat
   * changes nothing.
   */
  Request withUnbilled(UnbilledAttempt cost) {
    List<UnbilledAttempt> unbilled = new ArrayList<>(outcome.getUnbilled());
    if (unbilled.contains(cost)) {
      return this;
    }
    unbilled.removeIf(known -> sameRun(known, cost) && known.getUsage() == null);
    unbilled.add(cost);
    return with(new OutcomeChange(outcome).unbilled(unbilled).outcome());
  }

  private static boolean sameRun(UnbilledAttempt one, UnbilledAttempt other) {
    return one.getAttempt() == other.getAttempt()
        && (one.getClaim() == null || Objects.equals(one.getClaim(), other.getClaim()));
  }

  /** As {@link #withUnbilled}, unless this run is billed. */
  Request withCost(AttemptEvent event, AttemptFinished finished) {
    BilledAttempt billed = outcome.getBilled();
    return billed != null && AttemptBilling.isRun(billed, event.getAttempt(), event.getClaim())
        ? this
        : withUnbilled(AttemptBilling.reported(event, finished));
  }

  Request with(RequestFinished newOutcome) {
    return new Request(
        newOutcome, deadline, position, form, failures, losses, tried, spoken, idempotency);
  }
}
