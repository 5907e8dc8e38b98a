/** The command line. */
@NullMarked
package dev.tokenbus.local.command;

import org.jspecify.annotations.NullMarked;
