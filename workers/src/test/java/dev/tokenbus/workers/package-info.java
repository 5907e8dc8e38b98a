@NullMarked
package dev.tokenbus.workers;

import org.jspecify.annotations.NullMarked;
