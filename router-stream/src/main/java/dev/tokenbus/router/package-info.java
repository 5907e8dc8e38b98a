/** The Kafka Streams applications: admission, routing, supervision and metering. */
@NullMarked
package dev.tokenbus.router;

import org.jspecify.annotations.NullMarked;
