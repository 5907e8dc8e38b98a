package dev.tokenbus.router.lifecycle;

/**
 * The run whose stream the next attempt continues. Its worker may only have been cut off for a
 * while, and may still write.
 */
public record Predecessor(Attempt attempt, Run run) {}
