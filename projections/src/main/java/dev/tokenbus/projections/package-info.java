/** Projects topics into PostgreSQL. */
@NullMarked
package dev.tokenbus.projections;

import org.jspecify.annotations.NullMarked;
