package dev.tokenbus.chaos.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.chaos.fleet.FakeFleet;
import dev.tokenbus.chaos.fleet.Fleet;
import dev.tokenbus.chaos.fleet.InstanceName;
import dev.tokenbus.chaos.fleet.Role;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FaultInjectorTest {
  private static final Duration SOON = Duration.ofMillis(10);

  @Test
  void countsOnlyFaultsWhoseProcessRan(@TempDir Path directory) throws Exception {
    // Metering alone begins with an upgrade, and there is no PostgreSQL server.
    InstanceName nobody = new InstanceName(Role.METERING, 1);
    try (Fleet fleet = FakeFleet.of(directory)) {
      fleet.start();
      FaultInjector injector = new FaultInjector(fleet, line -> {});

      injector.run(
          now(
              new Fault.Kill(new InstanceName(Role.WORKER, 1), SOON),
              new Fault.Freeze(new InstanceName(Role.ROUTER, 1), SOON),
              new Fault.Restart(new InstanceName(Role.INGRESS, 1)),
              new Fault.Kill(nobody, SOON),
              new Fault.Freeze(nobody, SOON),
              new Fault.Restart(nobody),
              new Fault.StopPostgres(SOON)));
      injector.await();

      assertThat(injector.counts().injected())
          .isEqualTo(Map.of("kill worker", 1, "freeze router", 1, "restart ingress", 1));
      assertThat(injector.counts().all()).isEqualTo(3);
      assertThat(injector.counts().missed()).isEqualTo(4);
      assertThat(fleet.instance(new InstanceName(Role.WORKER, 1)).alive()).isTrue();
      assertThat(fleet.instance(new InstanceName(Role.INGRESS, 1)).alive()).isTrue();
      assertThat(fleet.unexpectedExits()).isZero();
    }
  }

  private static List<TimedFault> now(Fault... faults) {
    return Stream.of(faults).map(fault -> new TimedFault(Duration.ZERO, fault)).toList();
  }
}
