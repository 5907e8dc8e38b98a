/** The port to providers: what an attempt asks of one, and what it answers. */
@NullMarked
package dev.tokenbus.workers.provider;

import org.jspecify.annotations.NullMarked;
