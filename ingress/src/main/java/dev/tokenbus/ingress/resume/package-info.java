/** Responses of earlier requests, read from the reply log for clients that come back. */
@NullMarked
package dev.tokenbus.ingress.resume;

import org.jspecify.annotations.NullMarked;
