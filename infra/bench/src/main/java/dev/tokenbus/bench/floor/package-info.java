/** What three hops over Kafka cost when nothing is done in between: the floor under Tokenbus. */
@NullMarked
package dev.tokenbus.bench.floor;

import org.jspecify.annotations.NullMarked;
