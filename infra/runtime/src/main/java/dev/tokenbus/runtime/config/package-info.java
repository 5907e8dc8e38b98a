/** Configuration of an app: where the backbone is, and what the environment sets. */
@NullMarked
package dev.tokenbus.runtime.config;

import org.jspecify.annotations.NullMarked;
