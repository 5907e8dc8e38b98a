/**
 * Reads topics record by record and hands each poll to the store, from the offsets that the
 * database holds.
 */
@NullMarked
package dev.tokenbus.projections.feed;

import org.jspecify.annotations.NullMarked;
