/**
 * The life of a request as a pure function: state and event in, state and effects out. Knows
 * nothing of Kafka, threads or clocks.
 */
@NullMarked
package dev.tokenbus.router.lifecycle;

import org.jspecify.annotations.NullMarked;
