package dev.tokenbus.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Says who used the processors while something was measured. What neither the benchmark nor the
 * gateway used was somebody else's, and makes every figure of that time doubtful.
 *
 * @see <a href="https://man7.org/linux/man-pages/man5/proc_stat.5.html">proc_stat(5)</a>
 */
final class CpuMeter {
  private static final Path STAT = Path.of("/proc/stat");
  private static final long TICK_MILLIS = 10;
  private static final int[] BUSY_FIELDS = {1, 2, 3, 6, 7, 8}; // all but idle, iowait and guests

  private final Optional<ProcessTree> gateway;
  private final long beginNanos = System.nanoTime();
  private final Duration machineBefore = machine();
  private final Duration benchBefore = bench();
  private final Optional<Duration> gatewayBefore;

  private CpuMeter(Optional<ProcessTree> gateway) {
    this.gateway = gateway;
    gatewayBefore = gateway.map(tree -> tree.usage().cpu());
  }

  /** Measures from now on; {@code gateway} where its processes are known. */
  static CpuMeter start(Optional<ProcessTree> gateway) {
    return new CpuMeter(gateway);
  }

  /**
   * What was used since the start.
   *
   * @param gateway empty where its processes are not known; then others include it
   * @param othersPercent of all processors' time
   */
  record Use(Optional<Duration> gateway, double othersPercent) {}

  Use stop() {
    Optional<Duration> byGateway =
        gateway.map(tree -> tree.usage().cpu()).flatMap(after -> gatewayBefore.map(after::minus));
    Duration others =
        machine()
            .minus(machineBefore)
            .minus(bench().minus(benchBefore))
            .minus(byGateway.orElse(Duration.ZERO));
    double available =
        (System.nanoTime() - beginNanos) * (double) Runtime.getRuntime().availableProcessors();
    return new Use(byGateway, Math.max(0, 100 * others.toNanos() / available));
  }

  private static Duration bench() {
    return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
  }

  private static Duration machine() {
    try (Stream<String> lines = Files.lines(STAT)) {
      String[] fields = lines.findFirst().orElseThrow().split(" +", -1);
      long ticks = 0;
      for (int field : BUSY_FIELDS) {
        ticks += Long.parseLong(fields[field]);
      }
      return Duration.ofMillis(ticks * TICK_MILLIS);
    } catch (IOException e) {
      return Duration.ZERO; // not Linux: others count as nobody
    }
  }
}
