package dev.tokenbus.local.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Draws blows from a seed. Every kind comes once, in a random order, before any comes a second
 * time, so that a long run misses none; kills of processes on the request path are more frequent
 * than others.
 */
final class BlowSchedule {
  /** The first and the last seconds are quiet: every stream shall be hit in the middle. */
  private static final Duration MARGIN = Duration.ofSeconds(3);

  private static final int SHORTEST_FREEZE_MS = 4_000;
  private static final int LONGEST_FREEZE_MS = 9_000;

  private BlowSchedule() {}

  /** In the order of time. */
  static List<TimedBlow> of(ChaosPlan plan) {
    Random random = new Random(plan.seed());
    long count = Math.round(plan.length().toMillis() / 60_000.0 * plan.blowsPerMinute());
    long room = Math.max(1, plan.length().minus(MARGIN.multipliedBy(2)).toMillis());
    List<Long> times = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      // One at a random time of each slot: they neither pile up nor keep a beat.
      double slot = (double) room / count;
      times.add(MARGIN.toMillis() + (long) ((i + random.nextDouble()) * slot));
    }
    List<TimedBlow> blows = new ArrayList<>();
    List<Blow> round = new ArrayList<>();
    for (long time : times) {
      if (round.isEmpty()) {
        round.addAll(round(random));
        Collections.shuffle(round, random);
      }
      blows.add(new TimedBlow(Duration.ofMillis(time), round.removeLast()));
    }
    return List.copyOf(blows);
  }

  private static List<Blow> round(Random random) {
    List<Blow> blows = new ArrayList<>();
    for (Role role : List.of(Role.WORKER, Role.ROUTER, Role.INGRESS, Role.WORKER)) {
      blows.add(kill(role, random));
    }
    blows.add(kill(Role.PROJECTIONS, random));
    blows.add(kill(Role.INFRA, random));
    blows.add(new Blow.Freeze(anyOf(Role.WORKER, random), freeze(random)));
    Role frozen = List.of(Role.INGRESS, Role.ROUTER, Role.PROJECTIONS).get(random.nextInt(3));
    blows.add(new Blow.Freeze(anyOf(frozen, random), freeze(random)));
    Role restarted = List.of(Role.INGRESS, Role.ROUTER, Role.WORKER).get(random.nextInt(3));
    blows.add(new Blow.Restart(anyOf(restarted, random)));
    blows.add(new Blow.StopPostgres(freeze(random)));
    return blows;
  }

  private static Blow kill(Role role, Random random) {
    return new Blow.Kill(anyOf(role, random), Duration.ofMillis(random.nextInt(3_000)));
  }

  private static Duration freeze(Random random) {
    return Duration.ofMillis(
        SHORTEST_FREEZE_MS + random.nextInt(LONGEST_FREEZE_MS - SHORTEST_FREEZE_MS));
  }

  private static Target anyOf(Role role, Random random) {
    return new Target(role, 1 + random.nextInt(role.instances()));
  }
}
