/**
 * The port behind which every client dialect stands: what comes in, what goes out, how an error
 * looks.
 */
@NullMarked
package dev.tokenbus.ingress.protocol;

import org.jspecify.annotations.NullMarked;
