/**
 * The life of a request as a pure function from state and event to state and effects, without
 * Kafka, threads or clocks.
 */
@NullMarked
package dev.tokenbus.router.lifecycle;

import org.jspecify.annotations.NullMarked;
