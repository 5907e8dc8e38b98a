/** A schema registry inside the process, for tests that only need schemas to have ids. */
@NullMarked
package dev.tokenbus.embedded.registry;

import org.jspecify.annotations.NullMarked;
