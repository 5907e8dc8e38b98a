/** Unpacks PostgreSQL, creates its data directory and reads the state of its server. */
@NullMarked
package dev.tokenbus.embedded.postgres;

import org.jspecify.annotations.NullMarked;
