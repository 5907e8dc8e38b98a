package dev.tokenbus.runtime.lifecycle;

import java.util.function.Supplier;

/**
 * A part that can be started.
 *
 * @param name for people
 * @param start returns when the part runs
 */
public record Part(String name, Supplier<RunningPart> start) {}
