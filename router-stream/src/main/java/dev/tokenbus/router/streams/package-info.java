/** What both Kafka Streams applications have in common: settings, exception handlers, the run. */
@NullMarked
package dev.tokenbus.router.streams;

import org.jspecify.annotations.NullMarked;
