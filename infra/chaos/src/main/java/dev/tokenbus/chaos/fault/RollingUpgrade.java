package dev.tokenbus.chaos.fault;

import dev.tokenbus.chaos.fleet.Fleet;
import dev.tokenbus.chaos.fleet.ProcessLauncher;
import dev.tokenbus.chaos.fleet.Role;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Random;

/**
 * Replaces every app by that of another version in the documented order: readers first. After each
 * step a process of either version is killed.
 *
 * <p>Not thread-safe.
 */
public final class RollingUpgrade {
  /** An earlier version's metering runs within its router, so the new one's joins it by itself. */
  private static final List<Role> ORDER =
      List.of(Role.PROJECTIONS, Role.METERING, Role.INGRESS, Role.WORKER, Role.ROUTER);

  private final Fleet fleet;
  private final FaultInjector injector;
  private final ProcessLauncher target;

  /** Does nothing yet. */
  public RollingUpgrade(Fleet fleet, FaultInjector injector, ProcessLauncher target) {
    this.fleet = fleet;
    this.injector = injector;
    this.target = target;
  }

  /**
   * Returns when the last app is replaced and ready, and what was killed is started again.
   *
   * @param length over which the steps are spread
   * @throws IllegalStateException if an app of the other version does not become ready
   */
  public void run(Duration length, Random random) throws InterruptedException {
    Duration pause = length.dividedBy(2L * ORDER.size());
    Iterator<Fault> kills = FaultSchedule.killsOfUpgrade(random).iterator();
    for (Role role : ORDER) {
      Thread.sleep(pause);
      // A new router imports the state of the old ones, and waits until none of them writes to it.
      fleet.replace(role, target, role == Role.ROUTER);
      Thread.sleep(pause);
      injector.run(List.of(new TimedFault(Duration.ZERO, kills.next())));
      injector.await();
      fleet.awaitAllReady();
    }
  }
}
