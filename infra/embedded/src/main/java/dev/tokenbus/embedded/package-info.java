/**
 * The three servers Tokenbus stands on (Kafka broker, PostgreSQL, schema registry), started and
 * stopped by this process: for local runs and for tests that want the real thing. Everything
 * listens on 127.0.0.1 only.
 */
@NullMarked
package dev.tokenbus.embedded;

import org.jspecify.annotations.NullMarked;
