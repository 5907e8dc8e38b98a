package dev.tokenbus.router.lifecycle;

import dev.tokenbus.runtime.catalogue.Catalogue;
import dev.tokenbus.schemas.avro.Priority;
import java.time.Instant;

/** What the lifecycle needs to know of the cluster. Every call answers from memory. */
public interface ClusterView {
  Catalogue catalogue();

  /** Whether the provider's work topics exist. */
  boolean dispatchable(String provider);

  /** Whether the worker that runs an attempt is known to be dead. */
  boolean lost(Run run, Instant now);

  PoolState pool(String provider, Priority priority, Instant now);
}
