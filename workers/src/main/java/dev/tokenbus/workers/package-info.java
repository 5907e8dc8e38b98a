/** Provider pools: take work, call providers, write replies. */
@NullMarked
package dev.tokenbus.workers;

import org.jspecify.annotations.NullMarked;
