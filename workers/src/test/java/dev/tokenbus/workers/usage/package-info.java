@NullMarked
package dev.tokenbus.workers.usage;

import org.jspecify.annotations.NullMarked;
