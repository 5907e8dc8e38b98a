/** Reads for reports what the projections have written. */
@NullMarked
package dev.tokenbus.projections.query;

import org.jspecify.annotations.NullMarked;
