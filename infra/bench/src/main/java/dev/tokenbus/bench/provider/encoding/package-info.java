/** The mock provider's answers and errors in OpenAI's wire format. */
@NullMarked
package dev.tokenbus.bench.provider.encoding;

import org.jspecify.annotations.NullMarked;
