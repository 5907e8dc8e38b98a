package dev.tokenbus.local.verify;

/**
 * One thing that does not agree.
 *
 * @param subject a request id, or the place of a record, or what the sums are of
 * @param detail what was found
 */
public record Difference(DifferenceKind kind, String subject, String detail) {}
