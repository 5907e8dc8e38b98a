/** What measures Tokenbus: a provider that costs next to nothing, load, and the floor below. */
@NullMarked
package dev.tokenbus.bench;

import org.jspecify.annotations.NullMarked;
