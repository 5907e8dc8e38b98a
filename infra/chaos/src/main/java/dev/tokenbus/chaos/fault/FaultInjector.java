package dev.tokenbus.chaos.fault;

import dev.tokenbus.chaos.fleet.Fleet;
import dev.tokenbus.chaos.fleet.Signal;
import dev.tokenbus.chaos.fleet.StopOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
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
  private final Map<String, Integer> injected = new ConcurrentHashMap<>();
  private final AtomicInteger missed = new AtomicInteger();

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
    }
  }

  /** Waits until everything is repaired. */
  public void await() throws InterruptedException {
    for (Thread repair : repairs) {
      repair.join();
    }
  }

  /** How many faults were injected; complete when {@link #await} has returned. */
  public FaultCounts counts() {
    return new FaultCounts(injected, missed.get());
  }

  private void inject(Fault fault) throws InterruptedException {
    switch (fault) {
      case Fault.Kill kill -> {
        if (counted(kill, fleet.instance(kill.target()).kill())) {
          repairLater(() -> {
            Thread.sleep(kill.pause());
            fleet.startAgain(kill.target());
          });
        }
      }
      case Fault.Restart restart ->
          repairLater(() -> {
            if (counted(restart, fleet.stop(restart.target()) != StopOutcome.NOT_RUNNING)) {
              fleet.startAgain(restart.target());
            }
          });
      case Fault.Freeze freeze -> {
        if (counted(freeze, fleet.instance(freeze.target()).signal(Signal.STOP))) {
          repairLater(() -> {
            Thread.sleep(freeze.length());
            fleet.instance(freeze.target()).signal(Signal.CONT);
          });
        }
      }
      case Fault.StopPostgres stop ->
          repairLater(() -> {
            // infra gives up its start if its database stops meanwhile, so wait for it.
            fleet.awaitInfra();
            if (counted(stop, fleet.stopPostgres() != StopOutcome.NOT_RUNNING)) {
              Thread.sleep(stop.length());
              fleet.startPostgres();
            }
          });
    }
  }

  /** A process that does not run is started again by whoever stopped it. */
  private boolean counted(Fault fault, boolean hit) {
    if (hit) {
      injected.merge(fault.kind(), 1, Integer::sum);
    } else {
      log.accept("it was down already: " + fault);
      missed.incrementAndGet();
    }
    return hit;
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
