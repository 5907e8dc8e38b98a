package dev.tokenbus.router.lifecycle;

import dev.tokenbus.runtime.catalogue.Catalogue;
import dev.tokenbus.schemas.avro.Priority;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;

/** A view of the cluster that the test sets. */
public final class FakeClusterView implements ClusterView {
  public Catalogue catalogue = Samples.catalogue();
  public PoolState pool = new PoolState(PoolState.Kind.BUSY, Samples.START);
  public final Set<String> withoutTopics = new HashSet<>();
  public final Set<String> lostWorkers = new HashSet<>();

  @Override
  public Catalogue catalogue() {
    return catalogue;
  }

  @Override
  public boolean dispatchable(String provider) {
    return !withoutTopics.contains(provider);
  }

  @Override
  public boolean lost(Run run, Instant now) {
    return lostWorkers.contains(run.workerId());
  }

  @Override
  public PoolState pool(String provider, Priority priority, Instant now) {
    return pool;
  }
}
