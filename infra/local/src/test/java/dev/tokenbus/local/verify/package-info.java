/** Tests of {@code tokenbus verify}. */
@NullMarked
package dev.tokenbus.local.verify;

import org.jspecify.annotations.NullMarked;
