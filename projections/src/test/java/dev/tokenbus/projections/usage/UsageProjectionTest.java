package dev.tokenbus.projections.usage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.projections.fixture.Samples;
import dev.tokenbus.projections.store.RowStatement;
import dev.tokenbus.projections.store.Sourced;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.AttemptOutcome;
import dev.tokenbus.schemas.avro.BilledAttempt;
import dev.tokenbus.schemas.avro.BodyKind;
import dev.tokenbus.schemas.avro.RequestStatus;
import dev.tokenbus.schemas.avro.RoutingDecision;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.avro.UnbilledAttempt;
import dev.tokenbus.schemas.avro.UsageRecorded;
import dev.tokenbus.schemas.avro.UsageUnit;
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
            .setBodyKind(BodyKind.RERANK)
            .setDoor("kafka")
            .setLane("acme/2")
            .setParentRequestId("parent")
            .setRunId("run")
            .setTags(Map.of("app", "search"))
            .setDecision(
                RoutingDecision.newBuilder()
                    .setStrategy("cheapest")
                    .setTier("small")
                    .setReasons(List.of("short prompt"))
                    .build())
            .setBilled(
                BilledAttempt.newBuilder(Samples.billed())
                    .setUsage(everyClass())
                    .setProviderUsage(Samples.tokens())
                    .setServiceTier("flex")
                    .setRegion("eu")
                    .setCredential("second")
                    .setClaim(-7L)
                    .build())
            .build();

    Map<String, @Nullable Object> row = rowOf(UsageProjection.tables().first(), usage);

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
        .containsEntry("body_kind", "rerank")
        .containsEntry("door", "kafka")
        .containsEntry("lane", "acme/2")
        .containsEntry("parent_request_id", "parent")
        .containsEntry("run_id", "run")
        .containsEntry("tags", "{\"app\":\"search\"}")
        .containsEntry("routing_strategy", "cheapest")
        .containsEntry("routing_tier", "small")
        .containsEntry("routing_reasons", "[\"short prompt\"]")
        .containsEntry("billed_claim", -7L)
        .containsEntry("service_tier", "flex")
        .containsEntry("region", "eu")
        .containsEntry("credential", "second")
        .containsEntry("cache_read_audio_tokens", 11L)
        .containsEntry("cache_read_image_tokens", 12L)
        .containsEntry("input_video_tokens", 13L)
        .containsEntry("output_video_tokens", 14L)
        .containsEntry("output_citation_tokens", 15L)
        .containsEntry("units", "{\"images\":20,\"seconds\":2.5}")
        .containsEntry("source_partition", 2)
        .containsEntry("source_offset", 17L);
    assertThat((String) row.get("provider_usage"))
        .contains("\"output_tokens\":70")
        .contains("\"cache_read_audio_tokens\":0");
    assertThat(row).hasSize(61);
  }

  @Test
  void billsNothingWhereNothingWasProduced() {
    Map<String, @Nullable Object> row =
        rowOf(
            UsageProjection.tables().first(),
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
            UsageProjection.tables().first(),
            Samples.usage(ID, "acme")
                .setUnbilled(
                    List.of(
                        stalled(),
                        UnbilledAttempt.newBuilder()
                            .setAttempt(2)
                            .setProvider("azure")
                            .setModel("gpt-5")
                            .setOutcome(AttemptOutcome.SUPERSEDED)
                            .build()))
                .build());

    assertThat(row.get("unbilled"))
        .isEqualTo(
            "[{\"attempt\":1,\"claim\":41,\"provider\":\"openai\",\"model\":\"gpt-5\","
                + "\"upstream_model\":\"gpt-5-2026\",\"outcome\":\"failed\","
                + "\"error_code\":\"stalled\",\"usage\":{\"source\":\"provider\","
                + "\"cache_read_audio_tokens\":0,\"cache_read_image_tokens\":0,"
                + "\"cache_read_tokens\":2,\"cache_write_1h_tokens\":4,\"cache_write_tokens\":3,"
                + "\"input_audio_tokens\":5,\"input_image_tokens\":6,\"input_tokens\":1,"
                + "\"input_video_tokens\":0,\"output_audio_tokens\":90,"
                + "\"output_citation_tokens\":0,\"output_image_tokens\":100,\"output_tokens\":70,"
                + "\"output_video_tokens\":0,\"reasoning_tokens\":80,"
                + "\"raw\":\"{\\\"prompt_tokens\\\":21}\"}},"
                + "{\"attempt\":2,\"claim\":null,\"provider\":\"azure\",\"model\":\"gpt-5\","
                + "\"upstream_model\":null,\"outcome\":\"superseded\",\"error_code\":null,"
                + "\"usage\":null}]");
  }

  @Test
  void listsTheBilledAttemptWithWhatItsProviderCountedAndTheOthersBehindIt() {
    UsageRecorded usage =
        Samples.usage(ID, "acme")
            .setStatus(RequestStatus.CANCELLED)
            .setBilled(
                BilledAttempt.newBuilder(Samples.billed())
                    .setAttempt(2)
                    .setUsage(everyClass())
                    .setProviderUsage(Samples.tokens())
                    .setClaim(9L)
                    .build())
            .setUnbilled(List.of(stalled(), stalled()))
            .build();

    List<UsageAttempt> attempts = UsageAttempt.of(usage);

    assertThat(attempts).extracting(UsageAttempt::position).containsExactly(0, 1, 2);
    assertThat(attempts).extracting(UsageAttempt::attempt).containsExactly(2, 1, 1);
    assertThat(attempts).extracting(UsageAttempt::claim).containsExactly(9L, 41L, 41L);
    assertThat(attempts.getFirst().usage()).isEqualTo(Samples.tokens());
    assertThat(attempts)
        .extracting(UsageAttempt::outcome)
        .containsExactly(AttemptOutcome.CANCELLED, AttemptOutcome.FAILED, AttemptOutcome.FAILED);
    assertThat(attempts.getLast().upstreamModel()).isEqualTo("gpt-5-2026");
  }

  @Test
  void takesTheTimeOfAcceptanceFromTheId() {
    UsageRecorded usage = Samples.usage(ID, "acme").setAcceptedAt(ACCEPTED.plusSeconds(3)).build();

    assertThat(rowOf(UsageProjection.tables().first(), usage))
        .containsEntry("accepted_at", OffsetDateTime.parse("2026-11-21T10:00:00.123Z"));
  }

  private static UnbilledAttempt stalled() {
    return UnbilledAttempt.newBuilder()
        .setAttempt(1)
        .setClaim(41L)
        .setProvider("openai")
        .setModel("gpt-5")
        .setUpstreamModel("gpt-5-2026")
        .setOutcome(AttemptOutcome.FAILED)
        .setErrorCode("stalled")
        .setUsage(Samples.tokens())
        .build();
  }

  private static TokenUsage everyClass() {
    return TokenUsage.newBuilder(Samples.tokens())
        .setCacheReadAudio(11)
        .setCacheReadImage(12)
        .setInputVideo(13)
        .setOutputVideo(14)
        .setOutputCitation(15)
        .setUnits(
            List.of(
                new UsageUnit("seconds", 2_500_000L),
                new UsageUnit("images", 13_000_000L),
                new UsageUnit("images", 7_000_000L)))
        .build();
  }

  private static <T> Map<String, @Nullable Object> rowOf(
      RowStatement<RequestId, T> statement, T value) {
    Sourced<RequestId, T> sourced = new Sourced<>(ID, value, new TopicPartition("t", 2), 17);
    Map<String, @Nullable Object> row = new HashMap<>();
    statement.columns().forEach(column -> row.put(column.name(), column.value().apply(sourced)));
    return row;
  }
}
