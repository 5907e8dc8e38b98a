package dev.tokenbus.local.chaos;

import dev.tokenbus.bench.provider.MockOptions;
import dev.tokenbus.bench.provider.MockProvider;
import dev.tokenbus.local.verify.Findings;
import dev.tokenbus.local.verify.Patience;
import dev.tokenbus.local.verify.Verification;
import dev.tokenbus.runtime.config.Addresses;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** One run from an empty home to the report. */
public final class ChaosRun {
  private static final Duration SETTLING = Duration.ofSeconds(90);

  private final ChaosPlan plan;
  private final RunLog log;
  private final Clock clock = Clock.systemUTC();

  /** Does nothing yet; {@code out} is told what happens as it happens. */
  public ChaosRun(ChaosPlan plan, PrintStream out) {
    this.plan = plan;
    log = new RunLog(out, clock);
  }

  /**
   * Runs. Whatever was started has been stopped when this returns or throws, or when the process is
   * told to end in between.
   *
   * @throws IOException if the home cannot be written
   * @throws IllegalArgumentException if there is something in the home
   * @throws IllegalStateException if the backbone does not start, or does not come back
   */
  public ChaosReport run() throws IOException, InterruptedException {
    requireEmpty(plan.home());
    Path logs = plan.home().resolve("chaos-logs");
    Files.createDirectories(logs);
    try (MockProvider provider = MockProvider.start(MockOptions.DEFAULT.withRemembered(0))) {
      Path catalogue = plan.home().resolve("chaos.yaml");
      Files.writeString(catalogue, CatalogueText.naming(provider.baseUrl()));
      try (Fleet fleet =
              new Fleet(Launch.likeThisProcess(plan.home()), catalogue, freePorts(), logs, log);
          AtExit _ = AtExit.run(fleet::close)) {
        fleet.start();
        return run(fleet, provider);
      }
    }
  }

  private ChaosReport run(Fleet fleet, MockProvider provider)
      throws IOException, InterruptedException {
    Instant begin = clock.instant();
    Assault assault = new Assault(fleet, log);
    Addresses addresses = Addresses.of(Map.of(), plan.home());
    List<JobResult> results;
    try (Api api = new Api(fleet.ingresses(), addresses.require(Addresses.API_KEY));
        Load load = Load.start(api, plan.clients(), plan.seed(), log)) {
      assault.run(BlowSchedule.of(plan));
      long left = Duration.between(clock.instant(), begin.plus(plan.length())).toMillis();
      TimeUnit.MILLISECONDS.sleep(Math.max(0, left));
      log.say("no new requests");
      load.stop();
      assault.await();
      fleet.heal();
      load.await();
      results = load.results();
    }
    log.say("all clients are done; verifying");
    try (Verification verification = new Verification(addresses, clock, Patience.DEFAULT)) {
      Findings findings = verification.runUntilSettled(SETTLING);
      return ChaosReport.of(
          plan,
          assault,
          fleet.diedAlone(),
          results,
          DoubleBills.find(addresses.databaseUrl()),
          provider.requestCount(),
          findings);
    }
  }

  /** What an earlier run left would be verified again, and its idempotency keys may be ours. */
  private static void requireEmpty(Path home) throws IOException {
    if (Files.exists(home)) {
      try (Stream<Path> children = Files.list(home)) {
        if (children.findAny().isPresent()) {
          throw new IllegalArgumentException(
              home + " is not empty: remove it, or name another directory");
        }
      }
    }
  }

  private static List<Integer> freePorts() throws IOException {
    try (ServerSocket first = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        ServerSocket second = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return List.of(first.getLocalPort(), second.getLocalPort());
    }
  }
}
