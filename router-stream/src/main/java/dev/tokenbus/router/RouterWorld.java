package dev.tokenbus.router;

import dev.tokenbus.router.lifecycle.PoolState;
import dev.tokenbus.router.lifecycle.Run;
import dev.tokenbus.router.lifecycle.World;
import dev.tokenbus.runtime.catalogue.Catalogue;
import dev.tokenbus.schemas.avro.Priority;
import java.time.Instant;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** The lifecycle's surroundings, from what this process follows. */
record RouterWorld(
    Supplier<Catalogue> currentCatalogue, Predicate<String> workTopics, WorkerDirectory workers)
    implements World {
  @Override
  public Catalogue catalogue() {
    return currentCatalogue.get();
  }

  @Override
  public boolean dispatchable(String provider) {
    return workTopics.test(provider);
  }

  @Override
  public boolean lost(Run run, Instant now) {
    return workers.lost(run.workerId(), run.workerEpoch(), now);
  }

  @Override
  public PoolState pool(String provider, Priority priority, Instant now) {
    return workers.pool(provider, priority, now);
  }
}
