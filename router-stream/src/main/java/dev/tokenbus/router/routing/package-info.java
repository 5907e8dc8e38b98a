/**
 * Chooses the provider of an attempt from the catalogue and from what earlier attempts tell: pure
 * functions without Kafka, threads or clocks.
 */
@NullMarked
package dev.tokenbus.router.routing;

import org.jspecify.annotations.NullMarked;
