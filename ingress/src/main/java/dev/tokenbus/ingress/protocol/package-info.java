/** The port of client dialects: how requests are parsed, responses rendered, and errors written. */
@NullMarked
package dev.tokenbus.ingress.protocol;

import org.jspecify.annotations.NullMarked;
