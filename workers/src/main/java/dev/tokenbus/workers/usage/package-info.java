/** What the calls of a run used, and what the client is billed for its answer. */
@NullMarked
package dev.tokenbus.workers.usage;

import org.jspecify.annotations.NullMarked;
