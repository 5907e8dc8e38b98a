/** Kafka clients that every app shares. */
@NullMarked
package dev.tokenbus.runtime.kafka;

import org.jspecify.annotations.NullMarked;
