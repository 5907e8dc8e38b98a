/**
 * An in-process Kafka broker, a PostgreSQL server and a schema registry for local runs and tests.
 */
@NullMarked
package dev.tokenbus.embedded;

import org.jspecify.annotations.NullMarked;
