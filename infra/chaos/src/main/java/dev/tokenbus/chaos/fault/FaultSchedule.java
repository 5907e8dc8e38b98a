package dev.tokenbus.chaos.fault;

import dev.tokenbus.chaos.fleet.InstanceName;
import dev.tokenbus.chaos.fleet.Role;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Draws faults from a seed. Every kind comes once, in a random order, before any comes a second
 * time, so that a long run misses none. Processes on the request path are killed more often than
 * others.
 */
public final class FaultSchedule {
  /** No fault comes in the first and last seconds, so that each hits streams in the middle. */
  private static final Duration MARGIN = Duration.ofSeconds(3);

  private static final Duration WORKER_PAUSE = Duration.ofSeconds(2);
  private static final int SHORTEST_FREEZE_MS = 4_000;
  private static final int LONGEST_FREEZE_MS = 9_000;

  private FaultSchedule() {}

  /**
   * Draws the faults of a run, in the order in which they are due.
   *
   * @param length of the run
   * @param perMinute on average
   */
  public static List<TimedFault> draw(Duration length, double perMinute, long seed) {
    Random random = new Random(seed);
    long count = Math.round(length.toMillis() / 60_000.0 * perMinute);
    long room = Math.max(1, length.minus(MARGIN.multipliedBy(2)).toMillis());
    List<Long> times = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      // One at a random time of each slot: they neither cluster nor come at regular intervals.
      double slot = (double) room / count;
      times.add(MARGIN.toMillis() + (long) ((i + random.nextDouble()) * slot));
    }
    List<TimedFault> faults = new ArrayList<>();
    List<Fault> round = new ArrayList<>();
    for (long time : times) {
      if (round.isEmpty()) {
        round.addAll(round(random));
        Collections.shuffle(round, random);
      }
      faults.add(new TimedFault(Duration.ofMillis(time), round.removeLast()));
    }
    return List.copyOf(faults);
  }

  /**
   * Kills of workers, in turn and at equal distances. The first comes after half of one, so that
   * streams that take as long as a distance are hit in the middle and not as they begin.
   */
  public static List<TimedFault> killsOfWorkers(int kills, Duration distance) {
    List<TimedFault> faults = new ArrayList<>();
    for (int kill = 1; kill <= kills; kill++) {
      InstanceName worker = new InstanceName(Role.WORKER, 1 + kill % Role.WORKER.instances());
      Duration after = distance.multipliedBy(kill).minus(distance.dividedBy(2));
      faults.add(new TimedFault(after, new Fault.Kill(worker, WORKER_PAUSE)));
    }
    return List.copyOf(faults);
  }

  /** The kills between the steps of an upgrade: one of every role, in a random order. */
  public static List<Fault> killsOfUpgrade(Random random) {
    List<Fault> kills = new ArrayList<>();
    for (Role role :
        List.of(Role.PROJECTIONS, Role.METERING, Role.INGRESS, Role.WORKER, Role.ROUTER)) {
      kills.add(kill(role, random));
    }
    // There is no metering alone before the second step.
    Fault first = kills.remove(random.nextBoolean() ? 0 : 2 + random.nextInt(3));
    Collections.shuffle(kills, random);
    kills.addFirst(first);
    return List.copyOf(kills);
  }

  /** The kills behind an upgrade: a worker and a router, of which nobody reads the old format. */
  public static List<TimedFault> killsBehindUpgrade(Duration length, Random random) {
    return List.of(
        new TimedFault(length.dividedBy(4), kill(Role.WORKER, random)),
        new TimedFault(length.dividedBy(2), kill(Role.ROUTER, random)));
  }

  private static List<Fault> round(Random random) {
    List<Fault> faults = new ArrayList<>();
    for (Role role : List.of(Role.WORKER, Role.ROUTER, Role.INGRESS, Role.WORKER)) {
      faults.add(kill(role, random));
    }
    faults.add(kill(Role.PROJECTIONS, random));
    faults.add(kill(Role.INFRA, random));
    faults.add(new Fault.Freeze(any(Role.WORKER, random), freeze(random)));
    Role frozen = List.of(Role.INGRESS, Role.ROUTER, Role.PROJECTIONS).get(random.nextInt(3));
    faults.add(new Fault.Freeze(any(frozen, random), freeze(random)));
    Role restarted = List.of(Role.INGRESS, Role.ROUTER, Role.WORKER).get(random.nextInt(3));
    faults.add(new Fault.Restart(any(restarted, random)));
    faults.add(new Fault.StopPostgres(freeze(random)));
    return faults;
  }

  private static Fault kill(Role role, Random random) {
    return new Fault.Kill(any(role, random), Duration.ofMillis(random.nextInt(3_000)));
  }

  private static Duration freeze(Random random) {
    return Duration.ofMillis(
        SHORTEST_FREEZE_MS + random.nextInt(LONGEST_FREEZE_MS - SHORTEST_FREEZE_MS));
  }

  private static InstanceName any(Role role, Random random) {
    return new InstanceName(role, 1 + random.nextInt(role.instances()));
  }
}
