/** How the mock provider answers, as a model name or an option describes it. */
@NullMarked
package dev.tokenbus.bench.provider.behaviour;

import org.jspecify.annotations.NullMarked;
