/** Load on anything that speaks OpenAI's wire format, and what it feels like to its clients. */
@NullMarked
package dev.tokenbus.bench.load;

import org.jspecify.annotations.NullMarked;
