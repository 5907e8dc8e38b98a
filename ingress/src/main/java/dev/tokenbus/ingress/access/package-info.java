/** Who may come in: API keys looked up in the catalogue, and the limit of requests in flight. */
@NullMarked
package dev.tokenbus.ingress.access;

import org.jspecify.annotations.NullMarked;
