/** Reads single requests and the ends of reply streams again from the log. */
@NullMarked
package dev.tokenbus.router.replay;

import org.jspecify.annotations.NullMarked;
