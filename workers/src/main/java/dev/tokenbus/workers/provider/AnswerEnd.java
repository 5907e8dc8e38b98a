package dev.tokenbus.workers.provider;

import dev.tokenbus.schemas.avro.TokenUsage;
import org.jspecify.annotations.Nullable;

/**
 * How a complete answer ended.
 *
 * @param usage as the provider counted it; null where it did not
 * @param finishReason the provider's own finish reason of its first choice
 * @param extra members of the answer that are not modelled, as a JSON object
 */
public record AnswerEnd(
    @Nullable TokenUsage usage, @Nullable String finishReason, @Nullable String extra) {}
