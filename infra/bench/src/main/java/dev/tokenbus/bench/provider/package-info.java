/** A provider that speaks OpenAI's wire format with text, speed and faults on demand. */
@NullMarked
package dev.tokenbus.bench.provider;

import org.jspecify.annotations.NullMarked;
