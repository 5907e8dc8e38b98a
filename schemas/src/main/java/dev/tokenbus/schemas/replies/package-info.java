/** How the reply log is read. */
@NullMarked
package dev.tokenbus.schemas.replies;

import org.jspecify.annotations.NullMarked;
