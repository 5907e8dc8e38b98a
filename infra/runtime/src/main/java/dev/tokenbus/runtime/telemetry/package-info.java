/** What a process logs: one JSON object per line. */
@NullMarked
package dev.tokenbus.runtime.telemetry;

import org.jspecify.annotations.NullMarked;
