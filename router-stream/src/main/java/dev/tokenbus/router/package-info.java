/**
 * The router and metering: two Kafka Streams applications. {@link dev.tokenbus.router.RouterApp}
 * admits, dispatches and supervises every request; {@link dev.tokenbus.router.MeteringApp} writes
 * one usage record for each.
 */
@NullMarked
package dev.tokenbus.router;

import org.jspecify.annotations.NullMarked;
