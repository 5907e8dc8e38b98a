/** HTTP in, server-sent events out. */
@NullMarked
package dev.tokenbus.ingress;

import org.jspecify.annotations.NullMarked;
