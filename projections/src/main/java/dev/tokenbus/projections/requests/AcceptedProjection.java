package dev.tokenbus.projections.requests;

import dev.tokenbus.projections.feed.Projection;
import dev.tokenbus.projections.store.Column;
import dev.tokenbus.projections.store.RecordTables;
import dev.tokenbus.projections.store.RowStatement;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.Topics;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.generic.GenericRecord;

/**
 * Topic {@code requests} to table {@code requests}: who asked for what, and until when. If the
 * request's end was read before, only the columns that the end does not know for certain are
 * filled.
 */
public final class AcceptedProjection {
  private AcceptedProjection() {}

  /** Reads with the given schemas. */
  public static Projection<RequestId, GenericRecord> projection(TopicSchemas schemas) {
    return new Projection<>(
        "acceptances",
        Topics.REQUESTS,
        schemas.decoder(AcceptedHeader.SCHEMA),
        accepted -> RequestId.parse(AcceptedHeader.of(accepted).requestId()),
        tables());
  }

  /** Inserts the row, or adds what the request's end does not know. */
  public static RecordTables<RequestId, GenericRecord> tables() {
    return RecordTables.byRequest(statement(), List.of());
  }

  private static RowStatement<RequestId, GenericRecord> statement() {
    List<Column<RequestId, GenericRecord>> known = ofTheAcceptance();
    String assignments =
        known.stream()
            .map(column -> column.name() + " = excluded." + column.name())
            .collect(Collectors.joining(", "));
    return new RowStatement<>(
        "requests",
        List.of("request_id", "accepted_at"),
        Stream.of(sharedWithTheOutcome(), known).flatMap(List::stream).toList(),
        "DO UPDATE SET " + assignments + " WHERE requests.deadline IS NULL");
  }

  private static List<Column<RequestId, GenericRecord>> sharedWithTheOutcome() {
    return List.of(
        Column.requestId(),
        Column.acceptedAt(),
        Column.text("status", accepted -> "in_flight"),
        text("tenant", "tenant"),
        text("team", "team"),
        text("user_id", "user"),
        text("key_id", "keyId"),
        text("agent", "agent"),
        text("session", "session"),
        word("protocol", "protocol"),
        word("priority", "priority"),
        text("mode", "mode"),
        Column.text("model_asked", accepted -> AcceptedHeader.of(accepted).modelAsked()));
  }

  /**
   * The acceptance has the last word on these. An outcome lacks some of them, and all that 0.2.0
   * has added where an older router wrote it.
   */
  private static List<Column<RequestId, GenericRecord>> ofTheAcceptance() {
    return List.of(
        Column.plain("stream", accepted -> AcceptedHeader.of(accepted).stream()),
        word("client_gone", "clientGone"),
        text("idempotency_key", "idempotencyKey"),
        text("traceparent", "traceparent"),
        Column.instant("deadline", accepted -> AcceptedHeader.of(accepted).deadline()),
        word("body_kind", "bodyKind"),
        text("lane", "lane"),
        text("parent_request_id", "parentRequestId"),
        text("run_id", "runId"),
        Column.textMap("tags", accepted -> AcceptedHeader.of(accepted).tags()),
        text("door", "door"),
        text("path", "path"));
  }

  private static Column<RequestId, GenericRecord> text(String column, String field) {
    return Column.text(column, accepted -> AcceptedHeader.of(accepted).text(field));
  }

  private static Column<RequestId, GenericRecord> word(String column, String field) {
    return Column.text(column, accepted -> AcceptedHeader.of(accepted).word(field));
  }
}
