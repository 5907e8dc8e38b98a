package dev.tokenbus.local.chaos;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * All processes of a backbone: one of infra, two of every app. One that ends without having been
 * told to is counted and started again.
 *
 * <p>Thread-safe. {@link #close} stops them all, apps first.
 */
final class Fleet implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofMinutes(5);
  private static final long RETRY_MS = 500;

  private final Map<Target, Instance> instances = new LinkedHashMap<>();
  private final Postmaster postmaster;
  private final List<URI> ingresses;
  private final RunLog log;
  private final AtomicInteger diedAlone = new AtomicInteger();
  private volatile boolean closing;

  /**
   * Starts nothing yet.
   *
   * @param catalogue applied when infra starts
   * @param ports of the ingresses
   * @param logs where what the processes say is kept
   */
  Fleet(Launch launch, Path catalogue, List<Integer> ports, Path logs, RunLog log) {
    this.log = log;
    postmaster =
        new Postmaster(launch.home().resolve("postgres"), logs.resolve("postgres-restarted.log"));
    ingresses = ports.stream().map(port -> URI.create("http://127.0.0.1:" + port)).toList();
    for (Role role : Role.values()) {
      for (int number = 1; number <= role.instances(); number++) {
        Target target = new Target(role, number);
        List<String> options =
            switch (role) {
              case INFRA ->
                  List.of(
                      "--catalogue", catalogue.toString(), "--port", ports.getFirst().toString());
              case INGRESS -> List.of("--port", ports.get(number - 1).toString());
              case ROUTER, WORKER, PROJECTIONS -> List.of();
            };
        instances.put(
            target,
            new Instance(
                target,
                logs.resolve(target + ".log"),
                () -> launch.start(role, options),
                () -> endedAlone(target)));
      }
    }
  }

  /** Where the ingresses listen. */
  List<URI> ingresses() {
    return ingresses;
  }

  /**
   * Starts infra, then the apps, and waits until all are ready.
   *
   * @throws IllegalStateException if one does not become ready
   */
  void start() throws InterruptedException {
    bringUp(List.of(infra()));
    bringUp(apps());
  }

  /**
   * Puts everything right: nothing is frozen, everything runs and is ready.
   *
   * @throws IllegalStateException if one does not become ready
   */
  void heal() throws InterruptedException {
    instances.values().forEach(instance -> instance.signal(Signal.CONT));
    start();
    postmaster.start();
  }

  /**
   * Starts it; an app waits for infra to be ready, as one that cannot reach the broker gives up.
   */
  void startAgain(Target target) throws InterruptedException {
    if (target.role() != Role.INFRA) {
      awaitInfra();
    }
    if (!closing) {
      instance(target).start();
    }
  }

  /** Waits while infra starts. */
  void awaitInfra() throws InterruptedException {
    infra().awaitReady(START_LIMIT);
  }

  Instance instance(Target target) {
    Instance instance = instances.get(target);
    if (instance == null) {
      throw new IllegalArgumentException("There is no " + target);
    }
    return instance;
  }

  Postmaster postmaster() {
    return postmaster;
  }

  /** How often a process has ended although nobody wanted it to. */
  int diedAlone() {
    return diedAlone.get();
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
              instance.target()
                  + " is not ready after "
                  + START_LIMIT.toSeconds()
                  + " s; its log says why");
        }
        instance.start();
        instance.awaitReady(Duration.ofMillis(RETRY_MS));
      }
      log.say("ready " + instance.target());
    }
  }

  private void endedAlone(Target target) {
    if (closing) {
      return;
    }
    boolean excused = target.role() != Role.INFRA && !infra().ready();
    log.say(
        target
            + " has ended by itself"
            + (excused ? ", as there is no broker: " : ": ")
            + "see log");
    if (!excused) {
      diedAlone.incrementAndGet();
    }
    try {
      TimeUnit.MILLISECONDS.sleep(RETRY_MS);
      startAgain(target);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Instance infra() {
    return instance(new Target(Role.INFRA, 1));
  }

  private List<Instance> apps() {
    return instances.values().stream()
        .filter(instance -> instance.target().role() != Role.INFRA)
        .toList();
  }

  @Override
  public void close() {
    closing = true;
    instances.values().forEach(Instance::retire);
    instances.values().forEach(instance -> instance.signal(Signal.CONT));
    boolean interrupted = Thread.interrupted();
    List<Instance> all = new ArrayList<>(instances.values());
    interrupted |= !end(all.subList(1, all.size()));
    interrupted |= !end(all.subList(0, 1));
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** All at the same time; false if interrupted, after which they are killed. */
  private static boolean end(List<Instance> some) {
    List<Thread> stops =
        some.stream()
            .map(instance ->
                Thread.ofVirtual()
                    .start(() -> {
                      try {
                        instance.terminate();
                      } catch (InterruptedException e) {
                        instance.signal(Signal.KILL);
                      }
                    }))
            .toList();
    boolean calm = true;
    for (Thread stop : stops) {
      try {
        stop.join();
      } catch (InterruptedException e) {
        stop.interrupt();
        calm = false;
      }
    }
    return calm;
  }
}
