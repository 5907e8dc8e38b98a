package dev.tokenbus.projections;

import java.time.LocalDate;

/**
 * What a tenant used of a model in a day.
 *
 * @param day of acceptance, UTC
 * @param requests however they ended
 * @param inputTokens of all classes
 * @param outputTokens of all classes, reasoning included
 */
public record UsageTotal(
    LocalDate day,
    String tenant,
    String model,
    long requests,
    long completed,
    long inputTokens,
    long outputTokens) {}
