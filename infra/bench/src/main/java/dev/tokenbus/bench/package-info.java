/** The mock provider, the load generator and the benchmarks. */
@NullMarked
package dev.tokenbus.bench;

import org.jspecify.annotations.NullMarked;
