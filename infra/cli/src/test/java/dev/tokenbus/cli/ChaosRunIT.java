package dev.tokenbus.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.chaos.ChaosPlan;
import dev.tokenbus.chaos.ChaosReport;
import dev.tokenbus.chaos.ChaosRun;
import dev.tokenbus.chaos.ChaosScenario;
import dev.tokenbus.chaos.fleet.ProcessLauncher;
import dev.tokenbus.projections.store.DatabaseUrl;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** A chaos run of one minute with a handful of faults; {@code tokenbus chaos} runs for longer. */
class ChaosRunIT {
  @Test
  void losesDoublesAndBlocksNothingInAMinuteOfKills(
      @TempDir(cleanup = CleanupMode.ON_SUCCESS) Path home) throws Exception {
    ChaosPlan plan =
        new ChaosPlan(Duration.ofSeconds(60), 7, new ChaosScenario.RandomFaults(6), 8, home);

    ChaosReport report =
        new ChaosRun(
                plan,
                ProcessLauncher.likeThisProcess(Tokenbus.class),
                url -> DatabaseUrl.parse(url).dataSource(),
                System.out)
            .run();

    assertThat(report.findings().differences()).isEmpty();
    assertThat(report.clean()).as("%s", report).isTrue();
    assertThat(report.clients().requests()).isGreaterThan(10);
    assertThat(report.faults().all() + report.faults().missed()).isEqualTo(6);
    assertThat(report.faults().all()).isGreaterThan(3);
  }
}
