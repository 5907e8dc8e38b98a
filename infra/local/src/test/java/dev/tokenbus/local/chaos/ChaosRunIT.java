package dev.tokenbus.local.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The short form: a minute with a handful of blows. {@code tokenbus chaos} is the long one. */
class ChaosRunIT {
  @Test
  void losesDoublesAndFreezesNothingInAMinuteOfKills(
      @TempDir(cleanup = CleanupMode.ON_SUCCESS) Path home) throws Exception {
    ChaosPlan plan = new ChaosPlan(Duration.ofSeconds(60), 7, 6, 8, home);

    ChaosReport report = new ChaosRun(plan, System.out).run();

    assertThat(report.findings().differences()).isEmpty();
    assertThat(report.clean()).as("%s", report).isTrue();
    assertThat(report.jobs()).isGreaterThan(10);
    assertThat(report.blows().values().stream().flatMapToInt(IntStream::of).sum()).isEqualTo(6);
  }
}
