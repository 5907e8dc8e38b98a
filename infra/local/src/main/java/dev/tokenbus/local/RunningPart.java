package dev.tokenbus.local;

import java.util.function.BooleanSupplier;

/**
 * A part of this process that runs.
 *
 * @param name for people
 * @param detail what else people want to know, such as its address; may be empty
 * @param healthy whether it does its work now; asked every second, from one thread
 * @param stop drains and stops it; called once
 */
record RunningPart(String name, String detail, BooleanSupplier healthy, Runnable stop) {}
