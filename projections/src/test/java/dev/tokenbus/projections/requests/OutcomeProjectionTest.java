package dev.tokenbus.projections.requests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.projections.fixture.Samples;
import dev.tokenbus.projections.store.RowStatement;
import dev.tokenbus.projections.store.Sourced;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.RequestFinished;
import dev.tokenbus.schemas.avro.RequestStatus;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class OutcomeProjectionTest {
  private static final Instant ACCEPTED = Instant.parse("2026-11-21T10:00:00.123Z");
  private static final RequestId ID = Samples.id(ACCEPTED);

  @Test
  void insertsARowForARequestWhoseAcceptanceWasNotRead() {
    RequestFinished finished =
        Samples.finished(ID, "acme")
            .setStatus(RequestStatus.CANCELLED)
            .setErrorCode("cancelled")
            .setErrorMessage("The client\0has gone")
            .setStartedAt(null)
            .setBilled(null)
            .build();

    assertThat(rowOf(OutcomeProjection.tables().first(), finished))
        .containsEntry("request_id", ID.value())
        .containsEntry("tenant", "acme")
        .containsEntry("status", "cancelled")
        .containsEntry("error_code", "cancelled")
        .containsEntry("error_message", "The client\uFFFDhas gone")
        .containsEntry("dispatched_at", OffsetDateTime.parse("2026-11-21T10:00:00.126Z"))
        .containsEntry("started_at", null)
        .containsEntry("finished_at", OffsetDateTime.parse("2026-11-21T10:00:01.028Z"))
        .containsEntry("provider", null)
        .containsEntry("attempts", 1);
  }

  private static <T> Map<String, @Nullable Object> rowOf(
      RowStatement<RequestId, T> statement, T value) {
    Sourced<RequestId, T> sourced = new Sourced<>(ID, value, new TopicPartition("t", 2), 17);
    Map<String, @Nullable Object> row = new HashMap<>();
    statement.columns().forEach(column -> row.put(column.name(), column.value().apply(sourced)));
    return row;
  }
}
