@NullMarked
package dev.tokenbus.workers.call;

import org.jspecify.annotations.NullMarked;
