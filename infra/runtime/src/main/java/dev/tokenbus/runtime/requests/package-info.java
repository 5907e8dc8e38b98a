/** Requests that an app of ours makes of the backbone itself. */
@NullMarked
package dev.tokenbus.runtime.requests;

import org.jspecify.annotations.NullMarked;
