/** The command line: its entry point and how it reports errors. */
@NullMarked
package dev.tokenbus.cli;

import org.jspecify.annotations.NullMarked;
