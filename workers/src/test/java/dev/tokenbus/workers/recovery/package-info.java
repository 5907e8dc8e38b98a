@NullMarked
package dev.tokenbus.workers.recovery;

import org.jspecify.annotations.NullMarked;
