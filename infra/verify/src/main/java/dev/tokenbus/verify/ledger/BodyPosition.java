package dev.tokenbus.verify.ledger;

/** Where a body stands on topic {@code bodies}. */
public record BodyPosition(int partition, long offset) {}
