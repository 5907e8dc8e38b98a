/** A small client of the chat API for the terminal. */
@NullMarked
package dev.tokenbus.cli.chat;

import org.jspecify.annotations.NullMarked;
