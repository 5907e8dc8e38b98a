package dev.tokenbus.verify.findings;

/**
 * One difference.
 *
 * @param subject a request id, the position of a record, or the name of what was summed
 * @param detail what was found
 */
public record Difference(DifferenceKind kind, String subject, String detail) {}
