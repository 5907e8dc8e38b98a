/** The whole stack in one process: broker, database, schema registry and every app. */
@NullMarked
package dev.tokenbus.local;

import org.jspecify.annotations.NullMarked;
