/**
 * How the log of a request's replies is read back: for those who take a stream over or resume it.
 */
@NullMarked
package dev.tokenbus.runtime.replies;

import org.jspecify.annotations.NullMarked;
