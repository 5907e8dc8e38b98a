/** Writes rows and the offsets behind them into PostgreSQL in one transaction. */
@NullMarked
package dev.tokenbus.projections.store;

import org.jspecify.annotations.NullMarked;
