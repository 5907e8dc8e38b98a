package dev.tokenbus.local.chaos;

import java.time.Duration;

/**
 * A blow and its time.
 *
 * @param after the beginning of the load
 */
record TimedBlow(Duration after, Blow blow) {}
