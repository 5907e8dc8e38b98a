-- Needs PostgreSQL 18: uuid_extract_timestamp, virtual generated columns.

CREATE TABLE projection_offsets (
  projection  text        NOT NULL,
  topic       text        NOT NULL,
  partition   integer     NOT NULL,
  next_offset bigint      NOT NULL CHECK (next_offset >= 0),
  updated_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (projection, topic, partition)
);
COMMENT ON TABLE projection_offsets IS 'How far each projection has written each partition down. Changed only in the transaction that writes the rows, and only from the value the writer believes in (compare-and-set): who finds another value has been replaced and rolls back.';
COMMENT ON COLUMN projection_offsets.projection IS 'Name of the projection: usage, acceptances or outcomes.';
COMMENT ON COLUMN projection_offsets.topic IS 'Kafka topic that is read.';
COMMENT ON COLUMN projection_offsets.partition IS 'Partition of the topic.';
COMMENT ON COLUMN projection_offsets.next_offset IS 'Offset of the first record that is not written down yet.';
COMMENT ON COLUMN projection_offsets.updated_at IS 'When it last moved.';

CREATE TABLE usage_events (
  request_id                uuid        NOT NULL,
  accepted_at               timestamptz NOT NULL,
  finished_at               timestamptz NOT NULL,
  tenant                    text        NOT NULL,
  team                      text,
  user_id                   text,
  key_id                    text        NOT NULL,
  agent                     text,
  session                   text,
  protocol                  text        NOT NULL,
  model_asked               text        NOT NULL,
  mode                      text,
  task_class                text,
  priority                  text        NOT NULL,
  status                    text        NOT NULL,
  error_code                text,
  attempts                  integer     NOT NULL,
  cache_hit                 boolean     NOT NULL,
  billed_attempt            integer,
  provider                  text,
  model                     text,
  upstream_model            text,
  provider_request_id       text,
  finish_reason             text,
  input_tokens              bigint      NOT NULL,
  cache_read_tokens         bigint      NOT NULL,
  cache_write_tokens        bigint      NOT NULL,
  cache_write_1h_tokens     bigint      NOT NULL,
  input_audio_tokens        bigint      NOT NULL,
  input_image_tokens        bigint      NOT NULL,
  output_tokens             bigint      NOT NULL,
  reasoning_tokens          bigint      NOT NULL,
  output_audio_tokens       bigint      NOT NULL,
  output_image_tokens       bigint      NOT NULL,
  usage_source              text        NOT NULL,
  usage_raw                 jsonb,
  time_to_first_token_ms    bigint,
  provider_ms               bigint,
  unbilled                  jsonb       NOT NULL,
  total_input_tokens        bigint      GENERATED ALWAYS AS (input_tokens + cache_read_tokens + cache_write_tokens + cache_write_1h_tokens + input_audio_tokens + input_image_tokens) VIRTUAL,
  total_output_tokens       bigint      GENERATED ALWAYS AS (output_tokens + reasoning_tokens + output_audio_tokens + output_image_tokens) VIRTUAL,
  source_partition          integer     NOT NULL,
  source_offset             bigint      NOT NULL,
  recorded_at               timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (request_id, accepted_at),
  CONSTRAINT usage_events_accepted_at_is_in_the_id CHECK (accepted_at = uuid_extract_timestamp(request_id))
) PARTITION BY RANGE (accepted_at);
CREATE INDEX usage_events_by_tenant ON usage_events (tenant, accepted_at);
COMMENT ON TABLE usage_events IS 'What finance bills on: exactly one row per accepted request, from topic usage. Rows are never updated. Partitioned by month of accepted_at (UTC).';
COMMENT ON COLUMN usage_events.request_id IS 'Id of the request (UUID version 7), unique over all partitions because accepted_at follows from it.';
COMMENT ON COLUMN usage_events.accepted_at IS 'When the request was written to the log, to the millisecond: the time in request_id.';
COMMENT ON COLUMN usage_events.finished_at IS 'When the request ended.';
COMMENT ON COLUMN usage_events.tenant IS 'Who pays.';
COMMENT ON COLUMN usage_events.team IS 'Team of the tenant, if the key or request names one.';
COMMENT ON COLUMN usage_events.user_id IS 'User, if the key or request names one.';
COMMENT ON COLUMN usage_events.key_id IS 'Name of the API key that was used; never the key.';
COMMENT ON COLUMN usage_events.agent IS 'Agent that made the request, if it named itself.';
COMMENT ON COLUMN usage_events.session IS 'Session that the request belongs to, if it named one.';
COMMENT ON COLUMN usage_events.protocol IS 'Dialect of the client: openai_chat.';
COMMENT ON COLUMN usage_events.model_asked IS 'Model as the client named it.';
COMMENT ON COLUMN usage_events.mode IS 'Mode the client asked for: flash, think, ultra-think.';
COMMENT ON COLUMN usage_events.task_class IS 'What the router took the request for: simple, medium, complex, creative, visual.';
COMMENT ON COLUMN usage_events.priority IS 'interactive or batch.';
COMMENT ON COLUMN usage_events.status IS 'How it ended: completed, failed, cancelled or rejected; unknown: a newer writer''s word.';
COMMENT ON COLUMN usage_events.error_code IS 'Why it did not complete.';
COMMENT ON COLUMN usage_events.attempts IS 'How many attempts were dispatched.';
COMMENT ON COLUMN usage_events.cache_hit IS 'Whether the answer came from the cache, without a provider.';
COMMENT ON COLUMN usage_events.billed_attempt IS 'Number of the attempt that is billed; null where nothing was produced.';
COMMENT ON COLUMN usage_events.provider IS 'Provider of the billed attempt.';
COMMENT ON COLUMN usage_events.model IS 'Model of the billed attempt, as the catalogue names it.';
COMMENT ON COLUMN usage_events.upstream_model IS 'Model as the provider named it in its answer, or as it was asked for.';
COMMENT ON COLUMN usage_events.provider_request_id IS 'The provider''s own id of the call.';
COMMENT ON COLUMN usage_events.finish_reason IS 'Why the provider stopped: stop, length, tool_calls ...';
COMMENT ON COLUMN usage_events.input_tokens IS 'Text input that was neither read from nor written to the provider''s cache. Token classes are disjoint and add up to the provider''s totals.';
COMMENT ON COLUMN usage_events.cache_read_tokens IS 'Input read from the provider''s cache.';
COMMENT ON COLUMN usage_events.cache_write_tokens IS 'Input written to the provider''s cache for its usual time.';
COMMENT ON COLUMN usage_events.cache_write_1h_tokens IS 'Input written to the provider''s cache for an hour.';
COMMENT ON COLUMN usage_events.input_audio_tokens IS 'Audio input.';
COMMENT ON COLUMN usage_events.input_image_tokens IS 'Image input.';
COMMENT ON COLUMN usage_events.output_tokens IS 'Text output without reasoning.';
COMMENT ON COLUMN usage_events.reasoning_tokens IS 'Reasoning output.';
COMMENT ON COLUMN usage_events.output_audio_tokens IS 'Audio output.';
COMMENT ON COLUMN usage_events.output_image_tokens IS 'Image output.';
COMMENT ON COLUMN usage_events.usage_source IS 'Who counted: provider, estimate, or none where nothing was produced.';
COMMENT ON COLUMN usage_events.usage_raw IS 'The provider''s own usage object; a JSON string where the provider sent what is not JSON.';
COMMENT ON COLUMN usage_events.time_to_first_token_ms IS 'Milliseconds from the provider call to its first token.';
COMMENT ON COLUMN usage_events.provider_ms IS 'Milliseconds from the provider call to its end.';
COMMENT ON COLUMN usage_events.unbilled IS 'Array of attempts that may have cost money and are not billed (retries, crashes, lost hedges): attempt, provider, model, outcome, error_code, usage.';
COMMENT ON COLUMN usage_events.total_input_tokens IS 'Input of all classes.';
COMMENT ON COLUMN usage_events.total_output_tokens IS 'Output of all classes, reasoning included.';
COMMENT ON COLUMN usage_events.source_partition IS 'Partition of topic usage that the row came from.';
COMMENT ON COLUMN usage_events.source_offset IS 'Offset in that partition.';
COMMENT ON COLUMN usage_events.recorded_at IS 'When the row was written.';

CREATE TABLE requests (
  request_id                uuid        NOT NULL,
  accepted_at               timestamptz NOT NULL,
  status                    text        NOT NULL,
  tenant                    text        NOT NULL,
  team                      text,
  user_id                   text,
  key_id                    text        NOT NULL,
  agent                     text,
  session                   text,
  protocol                  text        NOT NULL,
  model_asked               text,
  mode                      text,
  priority                  text        NOT NULL,
  stream                    boolean,
  client_gone               text,
  idempotency_key           text,
  traceparent               text,
  deadline                  timestamptz,
  task_class                text,
  error_code                text,
  error_message             text,
  dispatched_at             timestamptz,
  started_at                timestamptz,
  finished_at               timestamptz,
  attempts                  integer,
  cache_hit                 boolean,
  provider                  text,
  model                     text,
  upstream_model            text,
  finish_reason             text,
  time_to_first_token_ms    bigint,
  provider_ms               bigint,
  queued_ms                 bigint GENERATED ALWAYS AS (round(extract(epoch FROM started_at - accepted_at) * 1000)) VIRTUAL,
  total_ms                  bigint GENERATED ALWAYS AS (round(extract(epoch FROM finished_at - accepted_at) * 1000)) VIRTUAL,
  recorded_at               timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (request_id, accepted_at),
  CONSTRAINT requests_accepted_at_is_in_the_id CHECK (accepted_at = uuid_extract_timestamp(request_id)),
  CONSTRAINT requests_in_flight_until_finished CHECK ((status = 'in_flight') = (finished_at IS NULL))
) PARTITION BY RANGE (accepted_at);
CREATE INDEX requests_by_tenant ON requests (tenant, accepted_at);
CREATE INDEX requests_in_flight ON requests (accepted_at) WHERE status = 'in_flight';
COMMENT ON TABLE requests IS 'Life of every accepted request, from topics requests (its beginning) and outcomes (its end), whichever is read first. The first end stands. Partitioned by month of accepted_at (UTC).';
COMMENT ON COLUMN requests.request_id IS 'Id of the request (UUID version 7), unique over all partitions because accepted_at follows from it.';
COMMENT ON COLUMN requests.accepted_at IS 'When the request was written to the log, to the millisecond: the time in request_id.';
COMMENT ON COLUMN requests.status IS 'in_flight, or how it ended: completed, failed, cancelled or rejected; unknown: a newer writer''s word.';
COMMENT ON COLUMN requests.tenant IS 'Whose request it is.';
COMMENT ON COLUMN requests.team IS 'Team of the tenant, if the key or request names one.';
COMMENT ON COLUMN requests.user_id IS 'User, if the key or request names one.';
COMMENT ON COLUMN requests.key_id IS 'Name of the API key that was used; never the key.';
COMMENT ON COLUMN requests.agent IS 'Agent that made the request, if it named itself.';
COMMENT ON COLUMN requests.session IS 'Session that the request belongs to, if it named one.';
COMMENT ON COLUMN requests.protocol IS 'Dialect of the client: openai_chat.';
COMMENT ON COLUMN requests.model_asked IS 'Model as the client named it; null for a kind of request that names none.';
COMMENT ON COLUMN requests.mode IS 'Mode the client asked for: flash, think, ultra-think.';
COMMENT ON COLUMN requests.priority IS 'interactive or batch.';
COMMENT ON COLUMN requests.stream IS 'Whether the client wants the answer as a stream; null until the beginning is read.';
COMMENT ON COLUMN requests.client_gone IS 'What happens when the client goes away: continue or cancel; null until the beginning is read.';
COMMENT ON COLUMN requests.idempotency_key IS 'Idempotency-Key of the client.';
COMMENT ON COLUMN requests.traceparent IS 'W3C trace context of the client.';
COMMENT ON COLUMN requests.deadline IS 'After this instant the request ends as failed; null until the beginning is read.';
COMMENT ON COLUMN requests.task_class IS 'What the router took the request for: simple, medium, complex, creative, visual.';
COMMENT ON COLUMN requests.error_code IS 'Why it did not complete.';
COMMENT ON COLUMN requests.error_message IS 'The same in words, as the client saw it.';
COMMENT ON COLUMN requests.dispatched_at IS 'When the router handed an attempt to the workers.';
COMMENT ON COLUMN requests.started_at IS 'When a worker took it.';
COMMENT ON COLUMN requests.finished_at IS 'When it ended; null while it is in flight.';
COMMENT ON COLUMN requests.attempts IS 'How many attempts were dispatched; null while it is in flight.';
COMMENT ON COLUMN requests.cache_hit IS 'Whether the answer came from the cache, without a provider.';
COMMENT ON COLUMN requests.provider IS 'Provider of the billed attempt.';
COMMENT ON COLUMN requests.model IS 'Model of the billed attempt, as the catalogue names it.';
COMMENT ON COLUMN requests.upstream_model IS 'Model as the provider named it in its answer, or as it was asked for.';
COMMENT ON COLUMN requests.finish_reason IS 'Why the provider stopped: stop, length, tool_calls ...';
COMMENT ON COLUMN requests.time_to_first_token_ms IS 'Milliseconds from the provider call to its first token.';
COMMENT ON COLUMN requests.provider_ms IS 'Milliseconds from the provider call to its end.';
COMMENT ON COLUMN requests.queued_ms IS 'Milliseconds from acceptance until a worker took it.';
COMMENT ON COLUMN requests.total_ms IS 'Milliseconds from acceptance to the end.';
COMMENT ON COLUMN requests.recorded_at IS 'When the row was first written.';

-- Attaching locks the parent only against other changes of its shape, so rows go on being written meanwhile;
-- CREATE TABLE ... PARTITION OF would lock them out.
CREATE FUNCTION ensure_month_partition(parent text, month date) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  first_day date := date_trunc('month', month)::date;
  child     text := parent || '_' || to_char(first_day, 'YYYY_MM');
BEGIN
  IF to_regclass(quote_ident(child)) IS NOT NULL THEN
    RETURN false;
  END IF;
  -- One at a time. Not an advisory lock: only waiting for a relation shows what others made meanwhile.
  EXECUTE format('LOCK TABLE ONLY %I IN SHARE UPDATE EXCLUSIVE MODE', parent);
  IF to_regclass(quote_ident(child)) IS NOT NULL THEN
    RETURN false;
  END IF;
  EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', child, parent);
  EXECUTE format('COMMENT ON TABLE %I IS %L', child,
    format('Rows of %s accepted in %s (UTC).', parent, to_char(first_day, 'YYYY-MM')));
  EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, child,
    first_day::timestamp AT TIME ZONE 'UTC', (first_day + interval '1 month') AT TIME ZONE 'UTC');
  RETURN true;
END $$;
COMMENT ON FUNCTION ensure_month_partition IS 'Makes the partition of usage_events or requests for the month that holds the day, unless it is there. Safe for any number of callers at once. Returns whether it made one.';

CREATE VIEW usage_daily AS
SELECT
  (accepted_at AT TIME ZONE 'UTC')::date     AS day,
  tenant,
  coalesce(model, model_asked)               AS model,
  count(*)                                   AS requests,
  count(*) FILTER (WHERE status = 'completed') AS completed,
  sum(total_input_tokens)::bigint            AS input_tokens,
  sum(total_output_tokens)::bigint           AS output_tokens
FROM usage_events
GROUP BY 1, 2, 3;
COMMENT ON VIEW usage_daily IS 'Requests and tokens per day (UTC), tenant and model.';
COMMENT ON COLUMN usage_daily.day IS 'Day of acceptance, UTC.';
COMMENT ON COLUMN usage_daily.tenant IS 'Who pays.';
COMMENT ON COLUMN usage_daily.model IS 'Model that answered, or that was asked for where none did.';
COMMENT ON COLUMN usage_daily.requests IS 'Requests, however they ended.';
COMMENT ON COLUMN usage_daily.completed IS 'Requests that completed.';
COMMENT ON COLUMN usage_daily.input_tokens IS 'Input of all classes.';
COMMENT ON COLUMN usage_daily.output_tokens IS 'Output of all classes, reasoning included.';
