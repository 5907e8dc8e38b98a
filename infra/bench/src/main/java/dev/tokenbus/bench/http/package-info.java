/**
 * A small HTTP/1.1 server and client on one selector thread each. They exist because the benchmark
 * shares its cores with what it measures: a stream costs one socket write per token here, not a
 * thread.
 */
@NullMarked
package dev.tokenbus.bench.http;

import org.jspecify.annotations.NullMarked;
