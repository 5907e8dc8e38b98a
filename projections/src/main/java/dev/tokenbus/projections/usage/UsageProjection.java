package dev.tokenbus.projections.usage;

import dev.tokenbus.projections.feed.Projection;
import dev.tokenbus.projections.store.Column;
import dev.tokenbus.projections.store.DependentTable;
import dev.tokenbus.projections.store.RecordTables;
import dev.tokenbus.projections.store.RowStatement;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.BilledAttempt;
import dev.tokenbus.schemas.avro.RoutingDecision;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.avro.UsageRecorded;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.Topics;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Topic {@code usage} to table {@code usage_events}, one row per request, never updated; and to
 * table {@code usage_attempts}, one row per attempt.
 */
public final class UsageProjection {
  private static final List<String> KEY = List.of("request_id", "accepted_at");
  private static final List<String> ATTEMPT_KEY = List.of("request_id", "accepted_at", "position");

  private UsageProjection() {}

  /** Reads with the given schemas. */
  public static Projection<RequestId, UsageRecorded> projection(TopicSchemas schemas) {
    return new Projection<>(
        "usage",
        Topics.USAGE,
        schemas.decoder(UsageRecorded.class),
        usage -> RequestId.parse(usage.getId()),
        tables());
  }

  /** A bill and its attempts, unless the request has a bill. */
  public static RecordTables<RequestId, UsageRecorded> tables() {
    return RecordTables.byRequest(
        new RowStatement<>("usage_events", KEY, billColumns(), "DO NOTHING"),
        List.of(new DependentTable<>(attempts(), UsageAttempt::of)));
  }

  private static RowStatement<RequestId, UsageAttempt> attempts() {
    return new RowStatement<>("usage_attempts", ATTEMPT_KEY, attemptColumns(), "DO NOTHING");
  }

  private static List<Column<RequestId, UsageRecorded>> billColumns() {
    return Stream.of(headerColumns(), endColumns(), billedColumns(), TokenColumns.of(billedUsage()))
        .flatMap(List::stream)
        .toList();
  }

  private static List<Column<RequestId, UsageRecorded>> headerColumns() {
    return List.of(
        Column.requestId(),
        Column.acceptedAt(),
        Column.text("tenant", UsageRecorded::getTenant),
        Column.text("team", UsageRecorded::getTeam),
        Column.text("user_id", UsageRecorded::getUser),
        Column.text("key_id", UsageRecorded::getKeyId),
        Column.text("agent", UsageRecorded::getAgent),
        Column.text("session", UsageRecorded::getSession),
        Column.word("protocol", UsageRecorded::getProtocol),
        Column.word("body_kind", UsageRecorded::getBodyKind),
        Column.text("door", UsageRecorded::getDoor),
        Column.text("model_asked", UsageRecorded::getModelAsked),
        Column.text("mode", UsageRecorded::getMode),
        Column.word("priority", UsageRecorded::getPriority),
        Column.text("lane", UsageRecorded::getLane),
        Column.text("parent_request_id", UsageRecorded::getParentRequestId),
        Column.text("run_id", UsageRecorded::getRunId),
        Column.textMap("tags", UsageRecorded::getTags));
  }

  private static List<Column<RequestId, UsageRecorded>> endColumns() {
    return List.of(
        Column.instant("finished_at", UsageRecorded::getFinishedAt),
        Column.word("status", UsageRecorded::getStatus),
        Column.text("error_code", UsageRecorded::getErrorCode),
        Column.plain("attempts", UsageRecorded::getAttempts),
        Column.plain("cache_hit", UsageRecorded::getCacheHit),
        Column.text("task_class", UsageProjection::taskClassOf),
        Column.text("routing_strategy", decision(RoutingDecision::getStrategy)),
        Column.text("routing_tier", decision(RoutingDecision::getTier)),
        Column.textList("routing_reasons", decision(RoutingDecision::getReasons)),
        Column.json("unbilled", usage -> UnbilledJson.of(usage.getUnbilled())),
        Column.sourcePartition(),
        Column.sourceOffset());
  }

  private static List<Column<RequestId, UsageRecorded>> billedColumns() {
    return List.of(
        Column.plain("billed_attempt", billed(BilledAttempt::getAttempt)),
        Column.plain("billed_claim", billed(BilledAttempt::getClaim)),
        Column.text("provider", billed(BilledAttempt::getProvider)),
        Column.text("model", billed(BilledAttempt::getModel)),
        Column.text("upstream_model", billed(BilledAttempt::getUpstreamModel)),
        Column.text("provider_request_id", billed(BilledAttempt::getProviderRequestId)),
        Column.text("finish_reason", billed(BilledAttempt::getFinishReason)),
        Column.plain("time_to_first_token_ms", billed(BilledAttempt::getTimeToFirstTokenMs)),
        Column.plain("provider_ms", billed(BilledAttempt::getDurationMs)),
        Column.text("service_tier", UsageProjection::serviceTierOf),
        Column.text("region", billed(BilledAttempt::getRegion)),
        Column.text("credential", billed(BilledAttempt::getCredential)),
        Column.json("provider_usage", billed(UsageProjection::providerUsageOf)));
  }

  private static List<Column<RequestId, UsageAttempt>> attemptColumns() {
    List<Column<RequestId, UsageAttempt>> columns =
        List.of(
            Column.requestId(),
            Column.acceptedAt(),
            Column.plain("position", UsageAttempt::position),
            Column.plain("attempt", UsageAttempt::attempt),
            Column.plain("claim", UsageAttempt::claim),
            Column.plain("billed", UsageAttempt::billed),
            Column.text("tenant", UsageAttempt::tenant),
            Column.text("provider", UsageAttempt::provider),
            Column.text("model", UsageAttempt::model),
            Column.text("upstream_model", UsageAttempt::upstreamModel),
            Column.word("outcome", UsageAttempt::outcome),
            Column.text("error_code", UsageAttempt::errorCode),
            Column.text("service_tier", UsageAttempt::serviceTier),
            Column.text("region", UsageAttempt::region),
            Column.text("credential", UsageAttempt::credential),
            Column.text("provider_request_id", UsageAttempt::providerRequestId),
            Column.plain("duration_ms", UsageAttempt::durationMs));
    return Stream.of(columns, TokenColumns.of(UsageAttempt::usage)).flatMap(List::stream).toList();
  }

  private static <V> Function<UsageRecorded, @Nullable V> billed(
      Function<BilledAttempt, @Nullable V> value) {
    return usage -> {
      BilledAttempt billed = usage.getBilled();
      return billed == null ? null : value.apply(billed);
    };
  }

  private static <V> Function<UsageRecorded, @Nullable V> decision(
      Function<RoutingDecision, @Nullable V> value) {
    return usage -> {
      RoutingDecision decision = usage.getDecision();
      return decision == null ? null : value.apply(decision);
    };
  }

  private static Function<UsageRecorded, @Nullable TokenUsage> billedUsage() {
    return billed(BilledAttempt::getUsage);
  }

  private static @Nullable String taskClassOf(UsageRecorded usage) {
    String taskClass = usage.getTaskClass();
    return taskClass == null ? decision(RoutingDecision::getTaskClass).apply(usage) : taskClass;
  }

  private static @Nullable String serviceTierOf(UsageRecorded usage) {
    String serviceTier = usage.getServiceTier();
    return serviceTier == null ? billed(BilledAttempt::getServiceTier).apply(usage) : serviceTier;
  }

  private static @Nullable String providerUsageOf(BilledAttempt billed) {
    TokenUsage providerUsage = billed.getProviderUsage();
    return providerUsage == null ? null : TokenColumns.json(providerUsage).toString();
  }
}
