package dev.tokenbus.chaos.fault;

import java.time.Duration;

/**
 * A fault and when it is due.
 *
 * @param after the beginning of the load
 */
public record TimedFault(Duration after, Fault fault) {}
