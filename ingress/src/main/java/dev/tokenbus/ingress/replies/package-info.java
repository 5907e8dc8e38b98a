/**
 * From the reply log to the request that waits: the live bridge, and the log itself for those who
 * fell behind.
 */
@NullMarked
package dev.tokenbus.ingress.replies;

import org.jspecify.annotations.NullMarked;
