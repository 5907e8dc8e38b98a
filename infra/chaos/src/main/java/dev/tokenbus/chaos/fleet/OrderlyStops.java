package dev.tokenbus.chaos.fleet;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** Stops processes in an orderly way, and counts those that hang. Thread-safe. */
final class OrderlyStops {
  private final Consumer<String> log;
  private final AtomicInteger hung = new AtomicInteger();

  OrderlyStops(Consumer<String> log) {
    this.log = log;
  }

  /** Stops a process, and kills it if it hangs. */
  StopOutcome stop(Instance instance) throws InterruptedException {
    return counted(instance.name().toString(), instance.terminate());
  }

  /** Stops the server; if it hangs, it is left alone. */
  StopOutcome stop(Postmaster postmaster) throws InterruptedException {
    return counted("PostgreSQL", postmaster.stop());
  }

  /**
   * Stops processes at the same time.
   *
   * @return false if interrupted, after which they are killed
   */
  boolean stopAll(List<Instance> some) {
    List<Thread> stops =
        some.stream()
            .map(instance ->
                Thread.ofVirtual()
                    .start(() -> {
                      try {
                        stop(instance);
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

  /** How many did not stop in time. */
  int hung() {
    return hung.get();
  }

  private StopOutcome counted(String what, StopOutcome outcome) {
    if (outcome == StopOutcome.HUNG) {
      log.accept(what + " did not stop in time");
      hung.incrementAndGet();
    }
    return outcome;
  }
}
