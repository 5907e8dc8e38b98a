package dev.tokenbus.router.lifecycle;

import dev.tokenbus.runtime.catalogue.Catalogue;
import dev.tokenbus.schemas.avro.Priority;
import java.time.Instant;

/** What the lifecycle must know of its surroundings. Answers at once, from memory. */
public interface World {
  Catalogue catalogue();

  /** Whether the provider's work topics can be written to. */
  boolean dispatchable(String provider);

  /** Whether the worker that runs an attempt is known to be gone. */
  boolean lost(Run run, Instant now);

  PoolState pool(String provider, Priority priority, Instant now);
}
