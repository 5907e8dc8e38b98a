/** The catalogue: what is served to whom and how, followed from its topics. */
@NullMarked
package dev.tokenbus.runtime.catalogue;

import org.jspecify.annotations.NullMarked;
