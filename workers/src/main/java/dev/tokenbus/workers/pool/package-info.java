/** The pools of a worker: share groups, slots, dispatches, heartbeats. */
@NullMarked
package dev.tokenbus.workers.pool;

import org.jspecify.annotations.NullMarked;
