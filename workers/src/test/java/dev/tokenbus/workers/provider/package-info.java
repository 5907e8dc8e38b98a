@NullMarked
package dev.tokenbus.workers.provider;

import org.jspecify.annotations.NullMarked;
