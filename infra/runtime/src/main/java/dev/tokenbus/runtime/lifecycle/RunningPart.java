package dev.tokenbus.runtime.lifecycle;

import java.util.function.BooleanSupplier;

/**
 * A running part of this process.
 *
 * @param name for people
 * @param detail more for people, such as its address; may be empty
 * @param healthy whether it works now; asked every second, by one thread
 * @param stop drains and stops it; called once
 */
public record RunningPart(String name, String detail, BooleanSupplier healthy, Runnable stop) {}
