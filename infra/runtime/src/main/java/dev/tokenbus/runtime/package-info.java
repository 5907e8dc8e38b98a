/** What every app starts from: configuration, Kafka clients, telemetry and life cycle. */
@NullMarked
package dev.tokenbus.runtime;

import org.jspecify.annotations.NullMarked;
