/** The processes of a chaos run and the signals that are sent to them. */
@NullMarked
package dev.tokenbus.chaos.fleet;

import org.jspecify.annotations.NullMarked;
