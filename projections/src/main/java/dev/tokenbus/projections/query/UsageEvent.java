package dev.tokenbus.projections.query;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One request as it is billed.
 *
 * @param model that answered, or that was asked for where none did
 * @param provider null where nothing was produced
 * @param status completed, failed, cancelled or rejected
 * @param inputTokens of all classes
 * @param outputTokens of all classes, reasoning included
 * @param usageSource provider, estimate or none
 */
public record UsageEvent(
    UUID requestId,
    Instant acceptedAt,
    Instant finishedAt,
    String tenant,
    String keyId,
    String model,
    @Nullable String provider,
    String status,
    @Nullable String errorCode,
    int attempts,
    long inputTokens,
    long outputTokens,
    String usageSource) {}
