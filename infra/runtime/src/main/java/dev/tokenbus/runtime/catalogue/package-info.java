/** The catalogue: providers, models, tenants and keys, followed from its topic. */
@NullMarked
package dev.tokenbus.runtime.catalogue;

import org.jspecify.annotations.NullMarked;
