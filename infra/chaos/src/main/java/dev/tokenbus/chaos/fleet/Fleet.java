package dev.tokenbus.chaos.fleet;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * All processes of a backbone: one of infra, two of every app. One that ends although nobody
 * stopped it is counted and started again.
 *
 * <p>Thread-safe. {@link #close} stops them all, apps first.
 */
public final class Fleet implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofMinutes(5);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(60);
  private static final long RETRY_MS = 500;

  private final Map<InstanceName, Instance> instances = new LinkedHashMap<>();
  private final Map<InstanceName, ProcessLauncher> launchers = new ConcurrentHashMap<>();
  private final Postmaster postmaster;
  private final List<URI> ingresses;
  private final Consumer<String> log;
  private final OrderlyStops stops;
  private final AtomicInteger unexpectedExits = new AtomicInteger();
  private volatile boolean closing;

  /**
   * Starts nothing yet.
   *
   * @param catalogue applied when infra starts
   * @param ports of the ingresses
   * @param logs where the output of the processes is kept
   */
  public Fleet(
      ProcessLauncher launcher,
      Path home,
      Path catalogue,
      List<Integer> ports,
      Path logs,
      Consumer<String> log) {
    this(launcher, home, catalogue, ports, logs, log, STOP_LIMIT);
  }

  /** With another time for every process to stop in. */
  Fleet(
      ProcessLauncher launcher,
      Path home,
      Path catalogue,
      List<Integer> ports,
      Path logs,
      Consumer<String> log,
      Duration stopLimit) {
    this.log = log;
    stops = new OrderlyStops(log);
    postmaster = new Postmaster(home.resolve("postgres"), logs.resolve("postgres-restarted.log"));
    ingresses = ports.stream().map(port -> URI.create("http://127.0.0.1:" + port)).toList();
    for (Role role : Role.values()) {
      for (int number = 1; number <= role.instances(); number++) {
        InstanceName name = new InstanceName(role, number);
        List<String> options =
            switch (role) {
              case INFRA ->
                  List.of(
                      "--catalogue", catalogue.toString(), "--port", ports.getFirst().toString());
              case INGRESS -> List.of("--port", ports.get(number - 1).toString());
              case ROUTER, METERING, WORKER, PROJECTIONS -> List.of();
            };
        if (role != Role.METERING) {
          launchers.put(name, launcher);
        }
        instances.put(
            name,
            new Instance(
                name,
                logs.resolve(name + ".log"),
                stopLimit,
                () -> launcherOf(name).start(role, home, options),
                () -> unexpectedExit(name)));
      }
    }
  }

  private ProcessLauncher launcherOf(InstanceName name) {
    ProcessLauncher launcher = launchers.get(name);
    if (launcher == null) {
      throw new IllegalStateException(name + " is not part of the fleet yet");
    }
    return launcher;
  }

  /**
   * Replaces the instances of a role by those of another launcher, one after the other. The new one
   * has to be ready before the next old one stops, except where it waits for all old ones to go.
   *
   * @param waitsForTheOldToGo whether the new instances become ready only when no old one is left
   * @throws IllegalStateException if a new one does not become ready
   */
  public void replace(Role role, ProcessLauncher launcher, boolean waitsForTheOldToGo)
      throws InterruptedException {
    List<Instance> all =
        instances.values().stream().filter(instance -> instance.name().role() == role).toList();
    for (Instance instance : all) {
      log.accept("upgrade " + instance.name());
      launchers.put(instance.name(), launcher);
      stops.stop(instance);
      instance.start();
      if (!waitsForTheOldToGo) {
        bringUp(List.of(instance));
      }
    }
    bringUp(all);
  }

  /** Where the ingresses listen. */
  public List<URI> ingresses() {
    return ingresses;
  }

  /**
   * Starts infra, then the apps, and waits until all are ready.
   *
   * @throws IllegalStateException if one does not become ready
   */
  public void start() throws InterruptedException {
    bringUp(List.of(infra()));
    bringUp(apps());
  }

  /**
   * Repairs everything: resumes frozen processes, starts what does not run, waits until all are
   * ready.
   *
   * @throws IllegalStateException if one does not become ready
   */
  public void heal() throws InterruptedException {
    instances.values().forEach(instance -> instance.signal(Signal.CONT));
    start();
    postmaster.start();
  }

  /**
   * Starts it again. An app starts only when infra is ready, because it gives up if it cannot reach
   * the broker.
   */
  public void startAgain(InstanceName name) throws InterruptedException {
    if (name.role() != Role.INFRA) {
      awaitInfra();
    }
    if (!closing) {
      instance(name).start();
    }
  }

  /**
   * Waits until every process is ready.
   *
   * @throws IllegalStateException if one does not become ready
   */
  public void awaitAllReady() throws InterruptedException {
    start();
  }

  /** Waits while infra starts. */
  public void awaitInfra() throws InterruptedException {
    infra().awaitReady(START_LIMIT);
  }

  /**
   * One process.
   *
   * @throws IllegalArgumentException if there is none of this name
   */
  public Instance instance(InstanceName name) {
    Instance instance = instances.get(name);
    if (instance == null) {
      throw new IllegalArgumentException("There is no " + name);
    }
    return instance;
  }

  /** Stops a process in an orderly way; one that hangs is counted and killed. */
  public StopOutcome stop(InstanceName name) throws InterruptedException {
    return stops.stop(instance(name));
  }

  /** Stops the PostgreSQL server of infra in an orderly way; if it hangs, that is counted. */
  public StopOutcome stopPostgres() throws InterruptedException {
    return stops.stop(postmaster);
  }

  /** Starts the PostgreSQL server again unless it runs. */
  public void startPostgres() {
    postmaster.start();
  }

  /** How often a process, or the PostgreSQL server, did not stop in time. */
  public int hungStops() {
    return stops.hung();
  }

  /** How often a process has ended although nobody stopped it. */
  public int unexpectedExits() {
    return unexpectedExits.get();
  }

  private void bringUp(List<Instance> some) throws InterruptedException {
    long end = System.nanoTime() + START_LIMIT.toNanos();
    for (Instance instance : some) {
      instance.start();
    }
    for (Instance instance : some) {
      while (!instance.ready()) {
        if (closing || System.nanoTime() > end) {
          throw new IllegalStateException(
              instance.name()
                  + " is not ready after "
                  + START_LIMIT.toSeconds()
                  + " s; its log says why");
        }
        instance.start();
        instance.awaitReady(Duration.ofMillis(RETRY_MS));
      }
      log.accept("ready " + instance.name());
    }
  }

  private void unexpectedExit(InstanceName name) {
    if (closing) {
      return;
    }
    boolean excused = name.role() != Role.INFRA && !infra().ready();
    log.accept(
        name + " has ended by itself" + (excused ? ", as there is no broker: " : ": ") + "see log");
    if (!excused) {
      unexpectedExits.incrementAndGet();
    }
    try {
      TimeUnit.MILLISECONDS.sleep(RETRY_MS);
      startAgain(name);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Instance infra() {
    return instance(new InstanceName(Role.INFRA, 1));
  }

  private List<Instance> apps() {
    return instances.values().stream()
        .filter(instance -> instance.name().role() != Role.INFRA)
        .filter(instance -> launchers.containsKey(instance.name()))
        .toList();
  }

  @Override
  public void close() {
    closing = true;
    instances.values().forEach(Instance::retire);
    instances.values().forEach(instance -> instance.signal(Signal.CONT));
    boolean interrupted = Thread.interrupted();
    List<Instance> all = new ArrayList<>(instances.values());
    interrupted |= !stops.stopAll(all.subList(1, all.size()));
    interrupted |= !stops.stopAll(all.subList(0, 1));
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
