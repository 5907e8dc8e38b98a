/**
 * The chaos run: starts every app as processes of its own, runs clients that know the right answer,
 * injects faults drawn from a seed, and verifies the log and the tables at the end.
 */
@NullMarked
package dev.tokenbus.chaos;

import org.jspecify.annotations.NullMarked;
