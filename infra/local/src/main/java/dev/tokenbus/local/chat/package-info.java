/** A small client of our own chat API, for the terminal. */
@NullMarked
package dev.tokenbus.local.chat;

import org.jspecify.annotations.NullMarked;
