/** The catalogue in its YAML form. */
@NullMarked
package dev.tokenbus.runtime.catalogue.file;

import org.jspecify.annotations.NullMarked;
