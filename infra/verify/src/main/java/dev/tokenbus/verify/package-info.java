/** Verification: compares the log with the tables and reports every difference. */
@NullMarked
package dev.tokenbus.verify;

import org.jspecify.annotations.NullMarked;
