/** The commands, one class each, and the options that several of them share. */
@NullMarked
package dev.tokenbus.cli.command;

import org.jspecify.annotations.NullMarked;
