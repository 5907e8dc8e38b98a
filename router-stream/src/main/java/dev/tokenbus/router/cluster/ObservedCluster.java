package dev.tokenbus.router.cluster;

import dev.tokenbus.router.lifecycle.ClusterView;
import dev.tokenbus.router.lifecycle.PoolState;
import dev.tokenbus.router.lifecycle.Run;
import dev.tokenbus.runtime.catalogue.Catalogue;
import dev.tokenbus.schemas.avro.Priority;
import java.time.Instant;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** The lifecycle's view of the cluster, from the topics that this process follows. */
public record ObservedCluster(
    Supplier<Catalogue> currentCatalogue, Predicate<String> workTopics, WorkerDirectory workers)
    implements ClusterView {
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
