/** The faults of a chaos run: which there are, when they are due, and how they are injected. */
@NullMarked
package dev.tokenbus.chaos.fault;

import org.jspecify.annotations.NullMarked;
