package dev.tokenbus.projections.query;

import java.time.LocalDate;

/**
 * One tenant's usage of one model on one day.
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
