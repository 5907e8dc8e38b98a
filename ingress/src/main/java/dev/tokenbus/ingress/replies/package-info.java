/**
 * What a client sees of one request: its visible reply records, live from the bridge or from the
 * log.
 */
@NullMarked
package dev.tokenbus.ingress.replies;

import org.jspecify.annotations.NullMarked;
