/** The Streams processor that runs the lifecycle for the requests of one task, and its topology. */
@NullMarked
package dev.tokenbus.router.processing;

import org.jspecify.annotations.NullMarked;
