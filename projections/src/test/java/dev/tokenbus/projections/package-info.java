/** Tests of the projections. */
@NullMarked
package dev.tokenbus.projections;

import org.jspecify.annotations.NullMarked;
