/** Tests of the killing machine, and a short run of it. */
@NullMarked
package dev.tokenbus.local.chaos;

import org.jspecify.annotations.NullMarked;
