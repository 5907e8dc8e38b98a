package dev.tokenbus.chaos.fault;

import dev.tokenbus.chaos.fleet.Fleet;
import dev.tokenbus.chaos.fleet.Signal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Injects the faults when they are due. What must follow a fault (resuming a frozen process,
 * starting a killed one) runs on a thread of its own, so that a fault may come while another is
 * repaired.
 *
 * <p>Not thread-safe.
 */
public final class FaultInjector {
  private final Fleet fleet;
  private final Consumer<String> log;
  private final List<Thread> repairs = new ArrayList<>();
  private final Map<String, Integer> injected = new TreeMap<>();

  /** Injects nothing yet. */
  public FaultInjector(Fleet fleet, Consumer<String> log) {
    this.fleet = fleet;
    this.log = log;
  }

  /** Returns when the last fault is injected; its repair may still go on. */
  public void run(List<TimedFault> faults) throws InterruptedException {
    long begin = System.nanoTime();
    for (TimedFault timed : faults) {
      long wait = timed.after().toNanos() - (System.nanoTime() - begin);
      if (wait > 0) {
        TimeUnit.NANOSECONDS.sleep(wait);
      }
      log.accept(timed.fault().toString());
      inject(timed.fault());
      injected.merge(timed.fault().kind(), 1, Integer::sum);
    }
  }

  /** Waits until everything is repaired. */
  public void await() throws InterruptedException {
    for (Thread repair : repairs) {
      repair.join();
    }
  }

  /** How many faults of each kind were injected. */
  public Map<String, Integer> injected() {
    return Map.copyOf(injected);
  }

  private void inject(Fault fault) throws InterruptedException {
    switch (fault) {
      case Fault.Kill kill -> {
        fleet.instance(kill.target()).kill();
        repairLater(() -> {
          Thread.sleep(kill.pause());
          fleet.startAgain(kill.target());
        });
      }
      case Fault.Restart restart ->
          repairLater(() -> {
            if (!fleet.instance(restart.target()).terminate()) {
              log.accept(restart.target() + " did not stop within a minute and was killed");
            }
            fleet.startAgain(restart.target());
          });
      case Fault.Freeze freeze -> {
        fleet.instance(freeze.target()).signal(Signal.STOP);
        repairLater(() -> {
          Thread.sleep(freeze.length());
          fleet.instance(freeze.target()).signal(Signal.CONT);
        });
      }
      case Fault.StopPostgres stop ->
          repairLater(() -> {
            // infra gives up its start if its database stops meanwhile, so wait for it.
            fleet.awaitInfra();
            if (fleet.postmaster().stop()) {
              Thread.sleep(stop.length());
              fleet.postmaster().start();
            } else {
              log.accept("PostgreSQL was down already");
            }
          });
    }
  }

  /** A repair. */
  @FunctionalInterface
  private interface Repair {
    void run() throws InterruptedException;
  }

  private void repairLater(Repair repair) {
    repairs.add(
        Thread.ofVirtual()
            .start(() -> {
              try {
                repair.run();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            }));
  }
}
