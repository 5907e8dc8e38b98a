@NullMarked
package dev.tokenbus.workers.attempt;

import org.jspecify.annotations.NullMarked;
