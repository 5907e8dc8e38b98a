/**
 * Checks that nothing was lost and nothing doubled: {@code tokenbus verify}.
 *
 * <p>A {@code Ledger} is told of every record and row, each reduced to an {@code Entry}, and says
 * what does not agree. Everything else here reads topics and tables.
 */
@NullMarked
package dev.tokenbus.local.verify;

import org.jspecify.annotations.NullMarked;
