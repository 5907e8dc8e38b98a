/** Passes over parts of partitions that serve many searches at once. */
@NullMarked
package dev.tokenbus.runtime.kafka.scan;

import org.jspecify.annotations.NullMarked;
