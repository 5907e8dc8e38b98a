-- What 0.2.0's records say beyond 0.1.0's. Instances of 0.1.0 keep writing beside those of 0.2.0: every new column is
-- nullable or has a default, and nothing that 0.1.0 names goes away. Each table is read twice (constraint, index) while
-- writers wait.

-- A long query must not make all writers queue behind this migration. The app retries it.
SET LOCAL lock_timeout = '10s';

ALTER TABLE usage_events
  ADD COLUMN body_kind               text,
  ADD COLUMN door                    text,
  ADD COLUMN lane                    text,
  ADD COLUMN parent_request_id       text,
  ADD COLUMN run_id                  text,
  ADD COLUMN tags                    jsonb,
  ADD COLUMN routing_strategy        text,
  ADD COLUMN routing_tier            text,
  ADD COLUMN routing_reasons         jsonb,
  ADD COLUMN billed_claim            bigint,
  ADD COLUMN service_tier            text,
  ADD COLUMN region                  text,
  ADD COLUMN credential              text,
  ADD COLUMN provider_usage          jsonb,
  ADD COLUMN cache_read_audio_tokens bigint NOT NULL DEFAULT 0,
  ADD COLUMN cache_read_image_tokens bigint NOT NULL DEFAULT 0,
  ADD COLUMN input_video_tokens      bigint NOT NULL DEFAULT 0,
  ADD COLUMN output_video_tokens     bigint NOT NULL DEFAULT 0,
  ADD COLUMN output_citation_tokens  bigint NOT NULL DEFAULT 0,
  ADD COLUMN units                   jsonb;

-- PostgreSQL changes a virtual column's expression only where there is no CHECK, so the CHECK comes back afterwards.
-- Dropping and adding the columns instead would break views that users have made over them.
ALTER TABLE usage_events DROP CONSTRAINT usage_events_accepted_at_is_in_the_id;
ALTER TABLE usage_events
  ALTER COLUMN total_input_tokens SET EXPRESSION AS (input_tokens + cache_read_tokens + cache_read_audio_tokens + cache_read_image_tokens + cache_write_tokens + cache_write_1h_tokens + input_audio_tokens + input_image_tokens + input_video_tokens),
  ALTER COLUMN total_output_tokens SET EXPRESSION AS (output_tokens + reasoning_tokens + output_audio_tokens + output_image_tokens + output_video_tokens + output_citation_tokens);
ALTER TABLE usage_events
  ADD CONSTRAINT usage_events_accepted_at_is_in_the_id CHECK (accepted_at = uuid_extract_timestamp(request_id));

CREATE INDEX usage_events_by_tags ON usage_events USING gin (tags jsonb_path_ops);
CREATE INDEX usage_events_by_run ON usage_events (run_id) WHERE run_id IS NOT NULL;
COMMENT ON COLUMN usage_events.body_kind IS 'What was asked for: chat, completion, embedding, rerank, moderation, image, speech, transcription, video or tool; null where an instance of 0.1.0 wrote the row.';
COMMENT ON COLUMN usage_events.door IS 'How the request came in: http, websocket, kafka or internal; null where an instance of 0.1.0 wrote the row.';
COMMENT ON COLUMN usage_events.lane IS 'Key of the request on its topic; null where it is the tenant.';
COMMENT ON COLUMN usage_events.parent_request_id IS 'Id of the request on whose behalf this one was made.';
COMMENT ON COLUMN usage_events.run_id IS 'Id of the agent''s run that the request belongs to.';
COMMENT ON COLUMN usage_events.tags IS 'The caller''s tags as an object of texts, to charge back by; null where there are none.';
COMMENT ON COLUMN usage_events.routing_strategy IS 'Strategy by which the router chose.';
COMMENT ON COLUMN usage_events.routing_tier IS 'Tier that the router chose.';
COMMENT ON COLUMN usage_events.routing_reasons IS 'Array of what spoke for the task class and the model.';
COMMENT ON COLUMN usage_events.billed_claim IS 'Number of the run of the billed attempt: tells two runs of one attempt apart.';
COMMENT ON COLUMN usage_events.service_tier IS 'The provider''s service tier that is billed.';
COMMENT ON COLUMN usage_events.region IS 'Region of the billed attempt.';
COMMENT ON COLUMN usage_events.credential IS 'Name of the provider''s credential that the billed attempt used; never the credential.';
COMMENT ON COLUMN usage_events.provider_usage IS 'What the provider counted for the billed attempt alone, by token class; null where that is what is billed.';
COMMENT ON COLUMN usage_events.cache_read_audio_tokens IS 'Audio input read from the provider''s cache.';
COMMENT ON COLUMN usage_events.cache_read_image_tokens IS 'Image input read from the provider''s cache.';
COMMENT ON COLUMN usage_events.input_video_tokens IS 'Video input.';
COMMENT ON COLUMN usage_events.output_video_tokens IS 'Video output.';
COMMENT ON COLUMN usage_events.output_citation_tokens IS 'Citations in the output, where the provider counts them apart.';
COMMENT ON COLUMN usage_events.units IS 'What is billed beside tokens, as an object from unit to decimal number: images, seconds, searches, characters, pages ...; null where nothing is.';
COMMENT ON COLUMN usage_events.unbilled IS 'Array of attempts that may have cost money and are not billed (retries, crashes, lost hedges): attempt, claim, provider, model, upstream_model, outcome, error_code, usage. Table usage_attempts has them as rows.';

CREATE TABLE usage_attempts (
  request_id              uuid        NOT NULL,
  accepted_at             timestamptz NOT NULL,
  position                integer     NOT NULL,
  attempt                 integer     NOT NULL,
  claim                   bigint,
  billed                  boolean     NOT NULL,
  tenant                  text        NOT NULL,
  provider                text        NOT NULL,
  model                   text        NOT NULL,
  upstream_model          text,
  outcome                 text        NOT NULL,
  error_code              text,
  service_tier            text,
  region                  text,
  credential              text,
  provider_request_id     text,
  duration_ms             bigint,
  input_tokens            bigint      NOT NULL,
  cache_read_tokens       bigint      NOT NULL,
  cache_read_audio_tokens bigint      NOT NULL,
  cache_read_image_tokens bigint      NOT NULL,
  cache_write_tokens      bigint      NOT NULL,
  cache_write_1h_tokens   bigint      NOT NULL,
  input_audio_tokens      bigint      NOT NULL,
  input_image_tokens      bigint      NOT NULL,
  input_video_tokens      bigint      NOT NULL,
  output_tokens           bigint      NOT NULL,
  reasoning_tokens        bigint      NOT NULL,
  output_audio_tokens     bigint      NOT NULL,
  output_image_tokens     bigint      NOT NULL,
  output_video_tokens     bigint      NOT NULL,
  output_citation_tokens  bigint      NOT NULL,
  usage_source            text        NOT NULL,
  usage_raw               jsonb,
  units                   jsonb,
  recorded_at             timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (request_id, accepted_at, position),
  CONSTRAINT usage_attempts_accepted_at_is_in_the_id CHECK (accepted_at = uuid_extract_timestamp(request_id)),
  CONSTRAINT usage_attempts_billed_comes_first CHECK (billed = (position = 0))
) PARTITION BY RANGE (accepted_at);
CREATE INDEX usage_attempts_by_provider ON usage_attempts (provider, accepted_at);
COMMENT ON TABLE usage_attempts IS 'What each attempt of a request used at its provider, billed to the client or not: the cost side of usage_events, written in the same transaction. Requests whose bill an instance of 0.1.0 wrote have no rows here. Partitioned by month of accepted_at (UTC).';
COMMENT ON COLUMN usage_attempts.request_id IS 'Id of the request (UUID version 7).';
COMMENT ON COLUMN usage_attempts.accepted_at IS 'When the request was written to the log, to the millisecond: the time in request_id.';
COMMENT ON COLUMN usage_attempts.position IS '0 for the billed attempt; the others count from 1.';
COMMENT ON COLUMN usage_attempts.attempt IS 'Number of the attempt; two runs of one attempt have the same.';
COMMENT ON COLUMN usage_attempts.claim IS 'Number of the run of the attempt; null where 0.1.0 wrote the record.';
COMMENT ON COLUMN usage_attempts.billed IS 'Whether this is the attempt that is billed.';
COMMENT ON COLUMN usage_attempts.tenant IS 'Whose request it is.';
COMMENT ON COLUMN usage_attempts.provider IS 'Provider of the attempt.';
COMMENT ON COLUMN usage_attempts.model IS 'Model of the attempt, as the catalogue names it.';
COMMENT ON COLUMN usage_attempts.upstream_model IS 'Model as the provider named it in its answer, or as it was asked for.';
COMMENT ON COLUMN usage_attempts.outcome IS 'How the attempt ended: succeeded, failed, cancelled or superseded; unknown: a newer writer''s word.';
COMMENT ON COLUMN usage_attempts.error_code IS 'Why it did not succeed.';
COMMENT ON COLUMN usage_attempts.service_tier IS 'The provider''s service tier.';
COMMENT ON COLUMN usage_attempts.region IS 'Region that the provider answered from.';
COMMENT ON COLUMN usage_attempts.credential IS 'Name of the provider''s credential that was used; never the credential.';
COMMENT ON COLUMN usage_attempts.provider_request_id IS 'The provider''s own id of the call.';
COMMENT ON COLUMN usage_attempts.duration_ms IS 'Milliseconds from the provider call to its end.';
COMMENT ON COLUMN usage_attempts.input_tokens IS 'Text input that was neither read from nor written to the provider''s cache. Token classes are disjoint and add up to the provider''s totals.';
COMMENT ON COLUMN usage_attempts.cache_read_tokens IS 'Text input read from the provider''s cache.';
COMMENT ON COLUMN usage_attempts.cache_read_audio_tokens IS 'Audio input read from the provider''s cache.';
COMMENT ON COLUMN usage_attempts.cache_read_image_tokens IS 'Image input read from the provider''s cache.';
COMMENT ON COLUMN usage_attempts.cache_write_tokens IS 'Input written to the provider''s cache for its usual time.';
COMMENT ON COLUMN usage_attempts.cache_write_1h_tokens IS 'Input written to the provider''s cache for an hour.';
COMMENT ON COLUMN usage_attempts.input_audio_tokens IS 'Audio input.';
COMMENT ON COLUMN usage_attempts.input_image_tokens IS 'Image input.';
COMMENT ON COLUMN usage_attempts.input_video_tokens IS 'Video input.';
COMMENT ON COLUMN usage_attempts.output_tokens IS 'Text output without reasoning.';
COMMENT ON COLUMN usage_attempts.reasoning_tokens IS 'Reasoning output.';
COMMENT ON COLUMN usage_attempts.output_audio_tokens IS 'Audio output.';
COMMENT ON COLUMN usage_attempts.output_image_tokens IS 'Image output.';
COMMENT ON COLUMN usage_attempts.output_video_tokens IS 'Video output.';
COMMENT ON COLUMN usage_attempts.output_citation_tokens IS 'Citations in the output, where the provider counts them apart.';
COMMENT ON COLUMN usage_attempts.usage_source IS 'Who counted: provider, estimate, or none where nothing was produced or nobody knows.';
COMMENT ON COLUMN usage_attempts.usage_raw IS 'The provider''s own usage object; a JSON string where the provider sent what is not JSON.';
COMMENT ON COLUMN usage_attempts.units IS 'What was used beside tokens, as an object from unit to decimal number; null where nothing was.';
COMMENT ON COLUMN usage_attempts.recorded_at IS 'When the row was written.';

ALTER TABLE requests
  ADD COLUMN body_kind         text,
  ADD COLUMN door              text,
  ADD COLUMN path              text,
  ADD COLUMN lane              text,
  ADD COLUMN parent_request_id text,
  ADD COLUMN run_id            text,
  ADD COLUMN tags              jsonb,
  ADD COLUMN routing_strategy  text,
  ADD COLUMN routing_tier      text,
  ADD COLUMN routing_reasons   jsonb,
  ADD COLUMN service_tier      text;
CREATE INDEX requests_by_tags ON requests USING gin (tags jsonb_path_ops);
CREATE INDEX requests_by_parent ON requests (parent_request_id) WHERE parent_request_id IS NOT NULL;
CREATE INDEX requests_by_run ON requests (run_id) WHERE run_id IS NOT NULL;
COMMENT ON COLUMN requests.body_kind IS 'What was asked for: chat, completion, embedding, rerank, moderation, image, speech, transcription, video or tool; null where an instance of 0.1.0 wrote the row.';
COMMENT ON COLUMN requests.door IS 'How the request came in: http, websocket, kafka or internal; null where an instance of 0.1.0 wrote the row.';
COMMENT ON COLUMN requests.path IS 'Path of the API as called, without its query; null until the beginning is read.';
COMMENT ON COLUMN requests.lane IS 'Key of the request on its topic; null where it is the tenant.';
COMMENT ON COLUMN requests.parent_request_id IS 'Id of the request on whose behalf this one was made.';
COMMENT ON COLUMN requests.run_id IS 'Id of the agent''s run that the request belongs to.';
COMMENT ON COLUMN requests.tags IS 'The caller''s tags as an object of texts, to charge back by; null where there are none.';
COMMENT ON COLUMN requests.routing_strategy IS 'Strategy by which the router chose.';
COMMENT ON COLUMN requests.routing_tier IS 'Tier that the router chose.';
COMMENT ON COLUMN requests.routing_reasons IS 'Array of what spoke for the task class and the model.';
COMMENT ON COLUMN requests.service_tier IS 'The provider''s service tier that is billed.';

COMMENT ON FUNCTION ensure_month_partition IS 'Makes the partition of usage_events, usage_attempts or requests for the month that holds the day, unless it is there. Safe for any number of callers at once. Returns whether it made one.';
