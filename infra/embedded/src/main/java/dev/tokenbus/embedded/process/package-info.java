/** Runs programs as children of this process that do not outlive it. */
@NullMarked
package dev.tokenbus.embedded.process;

import org.jspecify.annotations.NullMarked;
