package dev.tokenbus.workers.pool;

import dev.tokenbus.schemas.avro.Priority;
import dev.tokenbus.schemas.avro.ProviderEntry;
import dev.tokenbus.schemas.avro.WorkerPool;
import dev.tokenbus.workers.provider.RefCountedProvider;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pools of a worker: one for each provider of the catalogue and each class, kept in step with
 * the catalogue while calls run.
 *
 * <p>Thread-safe. Following the catalogue may take seconds (topics are made, groups joined and
 * left) and is done one change after the other.
 */
public final class Pools implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Pools.class);

  /** Makes what pools consist of. */
  interface Environment {
    /** Makes the topic and the share group of a pool. */
    void provision(String provider, Priority priority);

    RefCountedProvider provider(ProviderEntry entry);

    /** Most calls at once of a pool whose provider's entry does not say. */
    int slotCeiling();

    DispatchConsumer consumer(
        String provider, Priority priority, int batch, Slots slots, Providers providers);
  }

  /** Looks up the current client of a provider. */
  interface Providers {
    RefCountedProvider current(String name);
  }

  private static final class Served {
    private ProviderEntry entry;
    private final List<ProviderPool> pools = new ArrayList<>();

    private Served(ProviderEntry entry) {
      this.entry = entry;
    }
  }

  private final Environment environment;
  private final Map<String, RefCountedProvider> providers = new ConcurrentHashMap<>();
  private final Map<String, Served> served = new LinkedHashMap<>();
  private volatile List<ProviderPool> all = List.of();
  private boolean closed;

  public Pools(Environment environment) {
    this.environment = environment;
  }

  /**
   * Makes the pools those of the entries.
   *
   * @return false if the pools of a provider could not be made or changed, and it should be tried
   *     again
   */
  public synchronized boolean follow(Collection<ProviderEntry> entries) {
    if (closed) {
      return true;
    }
    boolean complete = true;
    Map<String, ProviderEntry> wanted = new LinkedHashMap<>();
    entries.forEach(entry -> wanted.put(entry.getName(), entry));
    for (Iterator<Served> each = served.values().iterator(); each.hasNext(); ) {
      Served gone = each.next();
      if (!wanted.containsKey(gone.entry.getName())) {
        each.remove();
        remove(gone);
      }
    }
    for (ProviderEntry entry : wanted.values()) {
      Served known = served.get(entry.getName());
      try {
        if (known == null) {
          add(entry);
        } else if (!known.entry.equals(entry)) {
          change(known, entry);
        }
      } catch (RuntimeException e) {
        complete = false;
        LOG.atError()
            .setCause(e)
            .addKeyValue("provider", entry.getName())
            .log("the pools of a provider could not be made");
      }
    }
    all = served.values().stream().flatMap(one -> one.pools.stream()).toList();
    return complete;
  }

  private void add(ProviderEntry entry) {
    String name = entry.getName();
    SlotLimits limits = SlotLimits.of(entry, environment.slotCeiling());
    for (Priority priority : Priority.values()) {
      environment.provision(name, priority);
    }
    providers.put(name, environment.provider(entry));
    Served added = new Served(entry);
    served.put(name, added);
    for (Priority priority : Priority.values()) {
      ProviderPool pool =
          new ProviderPool(
              name,
              priority,
              limits,
              (provider, of, batch, slots) ->
                  environment.consumer(provider, of, batch, slots, this::current));
      added.pools.add(pool);
      pool.start();
    }
    LOG.atInfo()
        .addKeyValue("provider", name)
        .addKeyValue("dialect", entry.getDialect())
        .addKeyValue("slots", entry.getSlots())
        .log("provider served");
  }

  private void change(Served known, ProviderEntry entry) {
    String name = entry.getName();
    ProviderEntry sameSize =
        ProviderEntry.newBuilder(known.entry).setSlots(entry.getSlots()).build();
    if (!sameSize.equals(entry)) {
      RefCountedProvider before = providers.put(name, environment.provider(entry));
      if (before != null) {
        before.retire();
      }
    }
    known.entry = entry;
    SlotLimits limits = SlotLimits.of(entry, environment.slotCeiling());
    known.pools.forEach(pool -> pool.resize(limits));
    LOG.atInfo().addKeyValue("provider", name).log("provider changed");
  }

  private void remove(Served gone) {
    String name = gone.entry.getName();
    gone.pools.forEach(ProviderPool::stop);
    gone.pools.forEach(ProviderPool::close);
    RefCountedProvider provider = providers.remove(name);
    if (provider != null) {
      provider.retire();
    }
    LOG.atInfo().addKeyValue("provider", name).log("provider no longer served");
  }

  private RefCountedProvider current(String name) {
    RefCountedProvider provider = providers.get(name);
    if (provider == null) {
      throw new IllegalStateException("Provider " + name + " is no longer served");
    }
    return provider;
  }

  /** Whether nothing keeps any pool from taking work. */
  public boolean ready() {
    return all.stream().allMatch(ProviderPool::ready);
  }

  public List<WorkerPool> snapshot() {
    return all.stream().map(ProviderPool::snapshot).toList();
  }

  /**
   * Takes no more work; runs go on, and their providers stay open until the last of them has ended.
   */
  @Override
  public synchronized void close() {
    closed = true;
    for (Served one : served.values()) {
      one.pools.forEach(ProviderPool::stop);
    }
    for (Served one : served.values()) {
      one.pools.forEach(ProviderPool::close);
    }
    providers.values().forEach(RefCountedProvider::retire);
  }
}
