/** A dialect of the tests that differs from OpenAI's in all that a dialect owns. */
@NullMarked
package dev.tokenbus.ingress.protocol.plain;

import org.jspecify.annotations.NullMarked;
