/** The HTTP server: routes, bodies, connections, health, the access log, and error responses. */
@NullMarked
package dev.tokenbus.ingress.http;

import org.jspecify.annotations.NullMarked;
