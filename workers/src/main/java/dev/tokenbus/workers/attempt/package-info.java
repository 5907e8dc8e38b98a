/** One run of one attempt, from its dispatch to the report of its end. */
@NullMarked
package dev.tokenbus.workers.attempt;

import org.jspecify.annotations.NullMarked;
