/** Server-sent events as they come in. */
@NullMarked
package dev.tokenbus.runtime.sse;

import org.jspecify.annotations.NullMarked;
