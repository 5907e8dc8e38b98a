@NullMarked
package dev.tokenbus.workers.pool;

import org.jspecify.annotations.NullMarked;
