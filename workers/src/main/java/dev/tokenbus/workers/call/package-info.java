/** One call of a run to its provider: what is heard of it, and its times. */
@NullMarked
package dev.tokenbus.workers.call;

import org.jspecify.annotations.NullMarked;
