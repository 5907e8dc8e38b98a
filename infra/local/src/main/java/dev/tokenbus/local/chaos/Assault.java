package dev.tokenbus.local.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Deals the blows at their times. What must follow a blow (thawing, starting again) happens on a
 * thread of its own, so that one blow may fall into the aftermath of another.
 */
final class Assault {
  private final Fleet fleet;
  private final RunLog log;
  private final List<Thread> aftermaths = new ArrayList<>();
  private final Map<String, Integer> dealt = new TreeMap<>();

  Assault(Fleet fleet, RunLog log) {
    this.fleet = fleet;
    this.log = log;
  }

  /** Returns when the last blow is dealt and everything is being repaired. */
  void run(List<TimedBlow> blows) throws InterruptedException {
    long begin = System.nanoTime();
    for (TimedBlow timed : blows) {
      long wait = timed.after().toNanos() - (System.nanoTime() - begin);
      if (wait > 0) {
        TimeUnit.NANOSECONDS.sleep(wait);
      }
      log.say(timed.blow().toString());
      deal(timed.blow());
      dealt.merge(timed.blow().kind(), 1, Integer::sum);
    }
  }

  /** Waits until nothing more follows. */
  void await() throws InterruptedException {
    for (Thread aftermath : aftermaths) {
      aftermath.join();
    }
  }

  /** How many of each kind. */
  Map<String, Integer> dealt() {
    return Map.copyOf(dealt);
  }

  private void deal(Blow blow) throws InterruptedException {
    switch (blow) {
      case Blow.Kill kill -> {
        fleet.instance(kill.target()).kill();
        afterwards(() -> {
          Thread.sleep(kill.pause());
          fleet.startAgain(kill.target());
        });
      }
      case Blow.Restart restart ->
          afterwards(() -> {
            if (!fleet.instance(restart.target()).terminate()) {
              log.say(restart.target() + " did not stop within a minute and was killed");
            }
            fleet.startAgain(restart.target());
          });
      case Blow.Freeze freeze -> {
        fleet.instance(freeze.target()).signal(Signal.STOP);
        afterwards(() -> {
          Thread.sleep(freeze.length());
          fleet.instance(freeze.target()).signal(Signal.CONT);
        });
      }
      case Blow.StopPostgres stop ->
          afterwards(() -> {
            // A start of infra that its database leaves half-way gives up, and rightly so.
            fleet.awaitInfra();
            if (fleet.postmaster().stop()) {
              Thread.sleep(stop.length());
              fleet.postmaster().start();
            } else {
              log.say("PostgreSQL was down already");
            }
          });
    }
  }

  /** Something that waits. */
  @FunctionalInterface
  private interface Aftermath {
    void happen() throws InterruptedException;
  }

  private void afterwards(Aftermath aftermath) {
    aftermaths.add(
        Thread.ofVirtual()
            .start(() -> {
              try {
                aftermath.happen();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            }));
  }
}
