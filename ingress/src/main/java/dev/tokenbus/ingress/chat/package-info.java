/**
 * A chat request from its headers to the end of its response: the append to the log, the wait, the
 * response as a stream or in one piece.
 */
@NullMarked
package dev.tokenbus.ingress.chat;

import org.jspecify.annotations.NullMarked;
