package dev.tokenbus.chaos;

import dev.tokenbus.bench.provider.MockOptions;
import dev.tokenbus.bench.provider.MockProvider;
import dev.tokenbus.chaos.answer.UnforeseenAnswers;
import dev.tokenbus.chaos.client.ChaosCatalogue;
import dev.tokenbus.chaos.client.ChatApi;
import dev.tokenbus.chaos.client.ClientCounts;
import dev.tokenbus.chaos.client.ClientLoad;
import dev.tokenbus.chaos.client.ClientResult;
import dev.tokenbus.chaos.fault.FaultInjector;
import dev.tokenbus.chaos.fault.FaultSchedule;
import dev.tokenbus.chaos.fault.RollingUpgrade;
import dev.tokenbus.chaos.fleet.Fleet;
import dev.tokenbus.chaos.fleet.ProcessLauncher;
import dev.tokenbus.runtime.CatalogueMain;
import dev.tokenbus.runtime.config.Addresses;
import dev.tokenbus.verify.Verification;
import dev.tokenbus.verify.findings.Findings;
import dev.tokenbus.verify.ledger.GracePeriods;
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
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import javax.sql.DataSource;

/** Runs once, from an empty home to the report. */
public final class ChaosRun {
  private static final Duration SETTLING = Duration.ofSeconds(90);

  private final ChaosPlan plan;
  private final ProcessLauncher launcher;
  private final Function<String, DataSource> databases;
  private final RunLog log;
  private final Clock clock = Clock.systemUTC();

  /**
   * Does nothing yet.
   *
   * @param launcher starts the processes
   * @param databases opens the database that a URL names
   * @param out receives a line for everything that happens, as it happens
   */
  public ChaosRun(
      ChaosPlan plan,
      ProcessLauncher launcher,
      Function<String, DataSource> databases,
      PrintStream out) {
    this.plan = plan;
    this.launcher = launcher;
    this.databases = databases;
    log = new RunLog(out, clock);
  }

  /**
   * Runs. Every process that was started has been stopped when this returns or throws, or when this
   * process is asked to end meanwhile.
   *
   * @throws IOException if the home cannot be written
   * @throws IllegalArgumentException if the home is not empty
   * @throws IllegalStateException if the backbone does not start, or does not come back
   */
  public ChaosReport run() throws IOException, InterruptedException {
    requireEmpty(plan.home());
    Path logs = plan.home().resolve("chaos-logs");
    Files.createDirectories(logs);
    MockOptions options =
        MockOptions.DEFAULT.withRemembered(plan.scenario().requests().callsToKeep());
    try (MockProvider provider = MockProvider.start(options)) {
      Path catalogue = plan.home().resolve("chaos.yaml");
      Files.writeString(catalogue, ChaosCatalogue.of(provider.baseUrl()));
      Fleet fleet = new Fleet(firstLauncher(), plan.home(), catalogue, freePorts(), logs, log::say);
      ChaosReport report;
      try (fleet;
          ShutdownHook _ = ShutdownHook.run(fleet::close)) {
        fleet.start();
        report = run(fleet, provider);
      }
      return report.withHungStops(fleet.hungStops());
    }
  }

  private ChaosReport run(Fleet fleet, MockProvider provider)
      throws IOException, InterruptedException {
    Instant begin = clock.instant();
    FaultInjector injector = new FaultInjector(fleet, log::say);
    Addresses addresses = Addresses.of(Map.of(), plan.home());
    List<ClientResult> results;
    int vanished;
    try (ChatApi api = new ChatApi(fleet.ingresses(), addresses.require(Addresses.API_KEY));
        ClientLoad load =
            ClientLoad.start(
                api, plan.scenario().requests(), plan.clients(), plan.seed(), log::say)) {
      play(fleet, injector, addresses);
      long left = Duration.between(clock.instant(), begin.plus(plan.length())).toMillis();
      TimeUnit.MILLISECONDS.sleep(Math.max(0, left));
      log.say("no new requests");
      load.stop();
      injector.await();
      fleet.heal();
      load.await();
      results = load.results();
      vanished = load.vanished();
    }
    UnforeseenAnswers answers = new UnforeseenAnswers(provider.received());
    List<ClientResult> judged = answers.judged(results, log::say);
    log.say("all clients are done; verifying");
    DataSource database = databases.apply(addresses.databaseUrl());
    try (Verification verification =
        new Verification(addresses, database, clock, GracePeriods.DEFAULT)) {
      Findings findings = verification.runUntilSettled(SETTLING);
      return new ChaosReport(
          plan.seed(),
          injector.counts(),
          fleet.unexpectedExits(),
          fleet.hungStops(),
          ClientCounts.of(judged, vanished),
          DoubleBillQuery.find(database),
          answers.wrongBills(judged, BilledOutputQuery.read(database)),
          results.stream().flatMap(result -> result.stalls().stream()).toList(),
          provider.requestCount(),
          answers.takenOver(judged),
          findings);
    }
  }

  private ProcessLauncher firstLauncher() {
    return plan.scenario() instanceof ChaosScenario.UpgradeFrom upgrade
        ? ProcessLauncher.ofCheckout(upgrade.launcher())
        : launcher;
  }

  private void play(Fleet fleet, FaultInjector injector, Addresses addresses)
      throws InterruptedException {
    switch (plan.scenario()) {
      case ChaosScenario.RandomFaults faults ->
          injector.run(FaultSchedule.draw(plan.length(), faults.perMinute(), plan.seed()));
      case ChaosScenario.WorkerKills workers ->
          injector.run(FaultSchedule.killsOfWorkers(workers.kills(), workers.distance()));
      case ChaosScenario.UpgradeFrom _ -> {
        Random random = new Random(plan.seed());
        new RollingUpgrade(fleet, injector, launcher)
            .run(plan.length().multipliedBy(3).dividedBy(4), random);
        CatalogueMain.finalizeUpgrade(addresses, log::say);
        // A quarter belongs to the new version alone, at its own format, however long the steps
        // took.
        Duration rest = plan.length().dividedBy(4);
        long begin = System.nanoTime();
        injector.run(FaultSchedule.killsBehindUpgrade(rest, random));
        TimeUnit.NANOSECONDS.sleep(rest.toNanos() - (System.nanoTime() - begin));
      }
    }
  }

  /**
   * The records of an earlier run would be verified again, and may use the same idempotency keys.
   */
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
