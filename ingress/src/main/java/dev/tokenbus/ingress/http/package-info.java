/** The HTTP side: routes, credentials, bodies, streams. */
@NullMarked
package dev.tokenbus.ingress.http;

import org.jspecify.annotations.NullMarked;
