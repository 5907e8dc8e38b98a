/**
 * Starts the parts of a process in stages, watches their health, and stops them in reverse order
 * when the process is told to stop.
 */
@NullMarked
package dev.tokenbus.runtime.lifecycle;

import org.jspecify.annotations.NullMarked;
