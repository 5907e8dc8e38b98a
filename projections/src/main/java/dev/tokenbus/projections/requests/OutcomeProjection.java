package dev.tokenbus.projections.requests;

import dev.tokenbus.projections.feed.Projection;
import dev.tokenbus.projections.store.Column;
import dev.tokenbus.projections.store.RecordTables;
import dev.tokenbus.projections.store.RowStatement;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.BilledAttempt;
import dev.tokenbus.schemas.avro.RequestFinished;
import dev.tokenbus.schemas.avro.RoutingDecision;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.Topics;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Topic {@code outcomes} to table {@code requests}: how each request ended. The first outcome in
 * the log wins, as in metering. A request whose acceptance was not read yet gets its row here.
 */
public final class OutcomeProjection {
  private OutcomeProjection() {}

  /** Reads with the given schemas. */
  public static Projection<RequestId, RequestFinished> projection(TopicSchemas schemas) {
    return new Projection<>(
        "outcomes",
        Topics.OUTCOMES,
        schemas.decoder(RequestFinished.class),
        finished -> RequestId.parse(finished.getRequestId()),
        tables());
  }

  /** Inserts the row, or completes that of a request in flight. */
  public static RecordTables<RequestId, RequestFinished> tables() {
    return RecordTables.byRequest(statement(), List.of());
  }

  private static RowStatement<RequestId, RequestFinished> statement() {
    List<Column<RequestId, RequestFinished>> outcomeColumns = outcomeColumns();
    String assignments =
        outcomeColumns.stream()
            .map(column -> column.name() + " = excluded." + column.name())
            .collect(Collectors.joining(", "));
    return new RowStatement<>(
        "requests",
        List.of("request_id", "accepted_at"),
        Stream.of(sharedColumns(), outcomeColumns).flatMap(List::stream).toList(),
        "DO UPDATE SET " + assignments + " WHERE requests.finished_at IS NULL");
  }

  private static List<Column<RequestId, RequestFinished>> sharedColumns() {
    return List.of(
        Column.requestId(),
        Column.acceptedAt(),
        Column.text("tenant", RequestFinished::getTenant),
        Column.text("team", RequestFinished::getTeam),
        Column.text("user_id", RequestFinished::getUser),
        Column.text("key_id", RequestFinished::getKeyId),
        Column.text("agent", RequestFinished::getAgent),
        Column.text("session", RequestFinished::getSession),
        Column.word("protocol", RequestFinished::getProtocol),
        Column.text("model_asked", RequestFinished::getModelAsked),
        Column.text("mode", RequestFinished::getMode),
        Column.word("priority", RequestFinished::getPriority),
        Column.word("body_kind", RequestFinished::getBodyKind),
        Column.text("lane", RequestFinished::getLane),
        Column.text("parent_request_id", RequestFinished::getParentRequestId),
        Column.text("run_id", RequestFinished::getRunId),
        Column.textMap("tags", RequestFinished::getTags),
        Column.text("door", RequestFinished::getDoor));
  }

  private static List<Column<RequestId, RequestFinished>> outcomeColumns() {
    return List.of(
        Column.word("status", RequestFinished::getStatus),
        Column.text("task_class", OutcomeProjection::taskClassOf),
        Column.text("routing_strategy", decision(RoutingDecision::getStrategy)),
        Column.text("routing_tier", decision(RoutingDecision::getTier)),
        Column.textList("routing_reasons", decision(RoutingDecision::getReasons)),
        Column.text("service_tier", RequestFinished::getServiceTier),
        Column.text("error_code", RequestFinished::getErrorCode),
        Column.text("error_message", RequestFinished::getErrorMessage),
        Column.instant("dispatched_at", RequestFinished::getDispatchedAt),
        Column.instant("started_at", RequestFinished::getStartedAt),
        Column.instant("finished_at", RequestFinished::getFinishedAt),
        Column.plain("attempts", RequestFinished::getAttempts),
        Column.plain("cache_hit", RequestFinished::getCacheHit),
        Column.text("provider", billed(BilledAttempt::getProvider)),
        Column.text("model", billed(BilledAttempt::getModel)),
        Column.text("upstream_model", billed(BilledAttempt::getUpstreamModel)),
        Column.text("finish_reason", billed(BilledAttempt::getFinishReason)),
        Column.plain("time_to_first_token_ms", billed(BilledAttempt::getTimeToFirstTokenMs)),
        Column.plain("provider_ms", billed(BilledAttempt::getDurationMs)));
  }

  private static <V> Function<RequestFinished, @Nullable V> billed(
      Function<BilledAttempt, @Nullable V> value) {
    return finished -> {
      BilledAttempt billed = finished.getBilled();
      return billed == null ? null : value.apply(billed);
    };
  }

  private static <V> Function<RequestFinished, @Nullable V> decision(
      Function<RoutingDecision, @Nullable V> value) {
    return finished -> {
      RoutingDecision decision = finished.getDecision();
      return decision == null ? null : value.apply(decision);
    };
  }

  private static @Nullable String taskClassOf(RequestFinished finished) {
    String taskClass = finished.getTaskClass();
    return taskClass == null ? decision(RoutingDecision::getTaskClass).apply(finished) : taskClass;
  }
}
