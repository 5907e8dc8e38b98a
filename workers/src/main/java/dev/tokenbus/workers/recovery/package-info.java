/** How an attempt goes on from what its predecessors delivered. */
@NullMarked
package dev.tokenbus.workers.recovery;

import org.jspecify.annotations.NullMarked;
