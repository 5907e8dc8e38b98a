/** What every app knows of the canonical chat model: words, sizes, capabilities. */
@NullMarked
package dev.tokenbus.schemas.chat;

import org.jspecify.annotations.NullMarked;
