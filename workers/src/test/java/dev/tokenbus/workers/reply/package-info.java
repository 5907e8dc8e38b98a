@NullMarked
package dev.tokenbus.workers.reply;

import org.jspecify.annotations.NullMarked;
