/** A provider that needs no key and no network: deterministic text at a configured speed. */
@NullMarked
package dev.tokenbus.workers.provider.simulated;

import org.jspecify.annotations.NullMarked;
