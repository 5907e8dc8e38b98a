/** Topic {@code usage} to table {@code usage_events}: one row per bill. */
@NullMarked
package dev.tokenbus.projections.usage;

import org.jspecify.annotations.NullMarked;
