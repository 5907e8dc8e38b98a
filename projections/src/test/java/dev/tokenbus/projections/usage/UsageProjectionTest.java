package dev.tokenbus.projections.usage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.projections.fixture.Samples;
import dev.tokenbus.projections.store.RowStatement;
import dev.tokenbus.projections.store.Sourced;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.AttemptOutcome;
import dev.tokenbus.schemas.avro.RequestStatus;
import dev.tokenbus.schemas.avro.UnbilledAttempt;
import dev.tokenbus.schemas.avro.UsageRecorded;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class UsageProjectionTest {
  private static final Instant ACCEPTED = Instant.parse("2026-11-21T10:00:00.123Z");
  private static final RequestId ID = Samples.id(ACCEPTED);

  @Test
  void flattensEveryFieldOfAUsageRecord() {
    UsageRecorded usage =
        Samples.usage(ID, "acme")
            .setTeam("core")
            .setAgent("bot")
            .setSession("s1")
            .setMode("think")
            .setTaskClass("medium")
            .setCacheHit(true)
            .setAttempts(2)
            .build();

    Map<String, @Nullable Object> row = rowOf(UsageProjection.statement(), usage);

    assertThat(row)
        .containsEntry("request_id", ID.value())
        .containsEntry("accepted_at", OffsetDateTime.parse("2026-11-21T10:00:00.123Z"))
        .containsEntry("finished_at", OffsetDateTime.parse("2026-11-21T10:00:01.028Z"))
        .containsEntry("tenant", "acme")
        .containsEntry("team", "core")
        .containsEntry("user_id", "ada")
        .containsEntry("key_id", "web")
        .containsEntry("agent", "bot")
        .containsEntry("session", "s1")
        .containsEntry("protocol", "openai_chat")
        .containsEntry("model_asked", "gpt-5-mini")
        .containsEntry("mode", "think")
        .containsEntry("task_class", "medium")
        .containsEntry("priority", "interactive")
        .containsEntry("status", "completed")
        .containsEntry("error_code", null)
        .containsEntry("attempts", 2)
        .containsEntry("cache_hit", true)
        .containsEntry("billed_attempt", 1)
        .containsEntry("provider", "openai")
        .containsEntry("model", "gpt-5-mini")
        .containsEntry("upstream_model", "gpt-5-mini-2026-08")
        .containsEntry("provider_request_id", "req_1")
        .containsEntry("finish_reason", "stop")
        .containsEntry("input_tokens", 1L)
        .containsEntry("cache_read_tokens", 2L)
        .containsEntry("cache_write_tokens", 3L)
        .containsEntry("cache_write_1h_tokens", 4L)
        .containsEntry("input_audio_tokens", 5L)
        .containsEntry("input_image_tokens", 6L)
        .containsEntry("output_tokens", 70L)
        .containsEntry("reasoning_tokens", 80L)
        .containsEntry("output_audio_tokens", 90L)
        .containsEntry("output_image_tokens", 100L)
        .containsEntry("usage_source", "provider")
        .containsEntry("usage_raw", "{\"prompt_tokens\":21}")
        .containsEntry("time_to_first_token_ms", 120L)
        .containsEntry("provider_ms", 900L)
        .containsEntry("unbilled", "[]")
        .containsEntry("source_partition", 2)
        .containsEntry("source_offset", 17L);
    assertThat(row).hasSize(41);
  }

  @Test
  void billsNothingWhereNothingWasProduced() {
    Map<String, @Nullable Object> row =
        rowOf(
            UsageProjection.statement(),
            Samples.usage(ID, "acme")
                .setBilled(null)
                .setStatus(RequestStatus.FAILED)
                .setErrorCode("attempts_exhausted")
                .build());

    assertThat(row)
        .containsEntry("status", "failed")
        .containsEntry("error_code", "attempts_exhausted")
        .containsEntry("billed_attempt", null)
        .containsEntry("provider", null)
        .containsEntry("usage_source", "none")
        .containsEntry("usage_raw", null)
        .containsEntry("input_tokens", 0L)
        .containsEntry("output_tokens", 0L);
  }

  @Test
  void keepsUnbilledAttemptsAsCostBesideTheBill() {
    Map<String, @Nullable Object> row =
        rowOf(
            UsageProjection.statement(),
            Samples.usage(ID, "acme")
                .setUnbilled(
                    List.of(
                        UnbilledAttempt.newBuilder()
                            .setAttempt(1)
                            .setProvider("openai")
                            .setModel("gpt-5")
                            .setOutcome(AttemptOutcome.FAILED)
                            .setErrorCode("stalled")
                            .setUsage(Samples.tokens())
                            .build(),
                        UnbilledAttempt.newBuilder()
                            .setAttempt(2)
                            .setProvider("azure")
                            .setModel("gpt-5")
                            .setOutcome(AttemptOutcome.SUPERSEDED)
                            .build()))
                .build());

    assertThat(row.get("unbilled"))
        .isEqualTo(
            "[{\"attempt\":1,\"provider\":\"openai\",\"model\":\"gpt-5\",\"outcome\":\"failed\","
                + "\"error_code\":\"stalled\",\"usage\":{\"source\":\"provider\","
                + "\"cache_read_tokens\":2,\"cache_write_1h_tokens\":4,\"cache_write_tokens\":3,"
                + "\"input_audio_tokens\":5,\"input_image_tokens\":6,\"input_tokens\":1,"
                + "\"output_audio_tokens\":90,\"output_image_tokens\":100,\"output_tokens\":70,"
                + "\"reasoning_tokens\":80,\"raw\":\"{\\\"prompt_tokens\\\":21}\"}},"
                + "{\"attempt\":2,\"provider\":\"azure\",\"model\":\"gpt-5\","
                + "\"outcome\":\"superseded\",\"error_code\":null,\"usage\":null}]");
  }

  @Test
  void takesTheTimeOfAcceptanceFromTheId() {
    UsageRecorded usage = Samples.usage(ID, "acme").setAcceptedAt(ACCEPTED.plusSeconds(3)).build();

    assertThat(rowOf(UsageProjection.statement(), usage))
        .containsEntry("accepted_at", OffsetDateTime.parse("2026-11-21T10:00:00.123Z"));
  }

  private static <T> Map<String, @Nullable Object> rowOf(RowStatement<T> statement, T value) {
    Sourced<T> sourced = new Sourced<>(ID, value, new TopicPartition("t", 2), 17);
    Map<String, @Nullable Object> row = new HashMap<>();
    statement.columns().forEach(column -> row.put(column.name(), column.value().apply(sourced)));
    return row;
  }
}
