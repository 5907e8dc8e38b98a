package dev.tokenbus.projections.store;

import dev.tokenbus.schemas.RequestId;
import java.time.Instant;
import java.time.ZoneOffset;
import org.jdbi.v3.core.Handle;

/** The statements of release 0.1.0, to the letter but for their values. */
final class Version010 {
  private static final String USAGE =
      """
      INSERT INTO usage_events (request_id, accepted_at, finished_at, tenant, team, user_id, key_id, agent, session,
        protocol, model_asked, mode, task_class, priority, status, error_code, attempts, cache_hit, billed_attempt,
        provider, model, upstream_model, provider_request_id, finish_reason, time_to_first_token_ms, provider_ms,
        usage_source, usage_raw, unbilled, source_partition, source_offset, cache_read_tokens, cache_write_1h_tokens,
        cache_write_tokens, input_audio_tokens, input_image_tokens, input_tokens, output_audio_tokens,
        output_image_tokens, output_tokens, reasoning_tokens)
      VALUES (:id, :accepted, :accepted, 'acme', NULL, 'ada', 'web', NULL, NULL,
        'openai_chat', 'gpt-5', NULL, NULL, 'interactive', 'completed', NULL, 1, false, 1,
        'openai', 'gpt-5', 'gpt-5-2026', 'req_1', 'stop', 120, 900,
        'provider', CAST('{"prompt_tokens":21}' AS jsonb), CAST('[]' AS jsonb), 0, :offset, 2, 4,
        3, 5, 6, 1, 90, 100, 70, 80)
      ON CONFLICT (request_id, accepted_at) DO NOTHING\
      """;
  private static final String ACCEPTED =
      """
      INSERT INTO requests (request_id, accepted_at, status, tenant, team, user_id, key_id, agent, session, protocol,
        priority, mode, model_asked, stream, client_gone, idempotency_key, traceparent, deadline)
      VALUES (:id, :accepted, 'in_flight', 'acme', NULL, 'ada', 'web', NULL, NULL, 'openai_chat',
        'interactive', NULL, 'gpt-5', true, 'continue', 'once', NULL, :accepted)
      ON CONFLICT (request_id, accepted_at) DO UPDATE SET
        stream = excluded.stream, client_gone = excluded.client_gone,
        idempotency_key = excluded.idempotency_key, traceparent = excluded.traceparent,
        deadline = excluded.deadline
      WHERE requests.deadline IS NULL\
      """;
  private static final String FINISHED =
      """
      INSERT INTO requests (request_id, accepted_at, tenant, team, user_id, key_id, agent, session, protocol,
        model_asked, mode, priority, status, task_class, error_code, error_message, dispatched_at, started_at,
        finished_at, attempts, cache_hit, provider, model, upstream_model, finish_reason, time_to_first_token_ms,
        provider_ms)
      VALUES (:id, :accepted, 'acme', NULL, 'ada', 'web', NULL, NULL, 'openai_chat',
        'gpt-5', NULL, 'interactive', 'completed', NULL, NULL, NULL, :accepted, :accepted,
        :accepted, 1, false, 'openai', 'gpt-5', 'gpt-5-2026', 'stop', 120, 900)
      ON CONFLICT (request_id, accepted_at) DO UPDATE SET status = excluded.status,
        task_class = excluded.task_class, error_code = excluded.error_code,
        error_message = excluded.error_message, dispatched_at = excluded.dispatched_at,
        started_at = excluded.started_at, finished_at = excluded.finished_at,
        attempts = excluded.attempts, cache_hit = excluded.cache_hit, provider = excluded.provider,
        model = excluded.model, upstream_model = excluded.upstream_model,
        finish_reason = excluded.finish_reason,
        time_to_first_token_ms = excluded.time_to_first_token_ms,
        provider_ms = excluded.provider_ms
      WHERE requests.finished_at IS NULL\
      """;

  private Version010() {}

  static void bill(Handle handle, RequestId id, long offset) {
    execute(handle, "usage_events", USAGE, id, offset);
  }

  static void accept(Handle handle, RequestId id) {
    execute(handle, "requests", ACCEPTED, id, 0);
  }

  static void finish(Handle handle, RequestId id) {
    execute(handle, "requests", FINISHED, id, 0);
  }

  private static void execute(Handle handle, String table, String sql, RequestId id, long offset) {
    Instant accepted = id.acceptedAt();
    handle
        .createQuery("SELECT ensure_month_partition(:table, CAST(:accepted AS date))")
        .bind("table", table)
        .bind("accepted", accepted.atOffset(ZoneOffset.UTC))
        .mapTo(Boolean.class)
        .one();
    handle
        .createUpdate(sql)
        .bind("id", id.value())
        .bind("accepted", accepted.atOffset(ZoneOffset.UTC))
        .bind("offset", offset)
        .execute();
  }
}
