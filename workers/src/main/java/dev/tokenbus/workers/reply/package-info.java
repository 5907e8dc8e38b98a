/** What a worker writes: the records of a reply stream, in order, gathered and flushed together. */
@NullMarked
package dev.tokenbus.workers.reply;

import org.jspecify.annotations.NullMarked;
