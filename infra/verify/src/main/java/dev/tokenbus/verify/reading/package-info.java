/** Reads topics and tables and turns each record and row into a ledger entry. */
@NullMarked
package dev.tokenbus.verify.reading;

import org.jspecify.annotations.NullMarked;
