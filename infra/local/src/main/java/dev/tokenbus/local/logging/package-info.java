/** Logs as JSON lines. */
@NullMarked
package dev.tokenbus.local.logging;

import org.jspecify.annotations.NullMarked;
