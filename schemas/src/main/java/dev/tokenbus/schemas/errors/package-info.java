/** Every way in which a request can fail. */
@NullMarked
package dev.tokenbus.schemas.errors;

import org.jspecify.annotations.NullMarked;
