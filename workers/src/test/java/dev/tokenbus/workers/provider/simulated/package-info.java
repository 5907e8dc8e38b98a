@NullMarked
package dev.tokenbus.workers.provider.simulated;

import org.jspecify.annotations.NullMarked;
