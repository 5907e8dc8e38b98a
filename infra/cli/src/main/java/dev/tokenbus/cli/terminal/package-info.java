/** What every command writes to: the session's streams and tables of text. */
@NullMarked
package dev.tokenbus.cli.terminal;

import org.jspecify.annotations.NullMarked;
