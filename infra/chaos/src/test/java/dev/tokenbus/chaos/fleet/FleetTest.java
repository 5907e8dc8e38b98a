package dev.tokenbus.chaos.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FleetTest {
  /** Workers do not listen to SIGTERM. */
  private static final String DEAF_WORKERS =
      "[ $1 = worker ] && trap '' TERM\necho ready\nwhile :; do sleep 0.1; done";

  private static final InstanceName WORKER = new InstanceName(Role.WORKER, 1);
  private static final InstanceName ROUTER = new InstanceName(Role.ROUTER, 1);

  @Test
  void tellsAStopThatHungFromOneThatDidNotAndFromNone(@TempDir Path directory) throws Exception {
    try (Fleet fleet = FakeFleet.of(directory, DEAF_WORKERS)) {
      fleet.start();

      assertThat(fleet.stop(WORKER)).isEqualTo(StopOutcome.HUNG);
      assertThat(fleet.stop(ROUTER)).isEqualTo(StopOutcome.STOPPED);
      assertThat(fleet.stop(ROUTER)).isEqualTo(StopOutcome.NOT_RUNNING);
      assertThat(fleet.stopPostgres()).isEqualTo(StopOutcome.NOT_RUNNING);
      assertThat(fleet.hungStops()).isEqualTo(1);
      assertThat(fleet.instance(WORKER).alive()).isFalse();
    }
  }

  @Test
  void countsTheStopsThatHangInAnUpgradeAndAtTheEnd(@TempDir Path directory) throws Exception {
    Fleet fleet = FakeFleet.of(directory, DEAF_WORKERS);
    try (fleet) {
      fleet.start();

      fleet.replace(
          Role.WORKER, FakeFleet.launcher(directory.resolve("next"), DEAF_WORKERS), false);
      assertThat(fleet.hungStops()).isEqualTo(2);
    }
    assertThat(fleet.hungStops()).isEqualTo(4);
    assertThat(fleet.unexpectedExits()).isZero();
  }
}
