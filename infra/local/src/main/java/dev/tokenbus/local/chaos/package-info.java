/**
 * The killing machine: every app as a process of its own, clients that know what they must be
 * answered, and a random hand that kills, freezes and restarts whatever it finds.
 *
 * <p>{@link dev.tokenbus.local.chaos.ChaosRun} puts it together: a {@code Fleet} of processes, a
 * {@code Load} of {@code Conversation}s, a {@code BlowSchedule} drawn from the seed, and {@code
 * verify} at the end.
 */
@NullMarked
package dev.tokenbus.local.chaos;

import org.jspecify.annotations.NullMarked;
