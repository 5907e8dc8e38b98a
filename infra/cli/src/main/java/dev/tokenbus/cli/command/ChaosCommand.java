package dev.tokenbus.cli.command;

import dev.tokenbus.chaos.ChaosPlan;
import dev.tokenbus.chaos.ChaosReport;
import dev.tokenbus.chaos.ChaosRun;
import dev.tokenbus.chaos.ChaosScenario;
import dev.tokenbus.chaos.fleet.ProcessLauncher;
import dev.tokenbus.cli.terminal.CommandFailedException;
import dev.tokenbus.cli.terminal.Session;
import dev.tokenbus.cli.terminal.Table;
import dev.tokenbus.projections.store.DatabaseUrl;
import dev.tokenbus.runtime.telemetry.Logging;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;

/** {@code tokenbus chaos}. */
@Command(
    name = "chaos",
    description = {
      "Run two of every app as processes, kill them at random under load, and verify that nothing was lost.",
      "Clients know the right answer: they resume streams where they broke, and repeat other requests under their"
          + " idempotency key. A mock provider answers; nothing leaves this machine. Exit code"
          + " 0: nothing lost, doubled, stuck or wrong; 1: something was, and the logs of all processes are kept."
    })
public final class ChaosCommand implements Callable<Integer> {
  private static final int SHOW = 50;

  private final Session session;
  private final Class<?> main;

  @Option(
      names = "--minutes",
      paramLabel = "N",
      description =
          "How long to go on. Default: 10; 2 with --from; one more than the kills with --worker-kills.")
  private @Nullable Double minutes;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "Injects the same faults at the same times again. Default: another each time.")
  private @Nullable Long seed;

  @Option(
      names = "--kills-per-minute",
      paramLabel = "K",
      defaultValue = "4",
      description = "Kills, freezes and restarts together. Default: ${DEFAULT-VALUE}.")
  private double killsPerMinute;

  @Option(
      names = "--from",
      paramLabel = "LAUNCHER",
      description =
          "Begin with the apps of another version's checkout, of which this is the script tokenbus, and upgrade them"
              + " one role after the other while processes of both versions are killed.")
  private @Nullable Path from;

  @Option(
      names = "--worker-kills",
      paramLabel = "N",
      description =
          "Kill a worker every minute, N times and nothing else, while clients stream without pause from a model that"
              + " never says the same twice and cannot be prefilled.")
  private @Nullable Integer workerKills;

  @Option(
      names = "--streams",
      paramLabel = "N",
      defaultValue = "24",
      description = "Clients that have one request open each. Default: ${DEFAULT-VALUE}.")
  private int streams;

  @Option(
      names = "--home",
      paramLabel = "DIR",
      description =
          "Where everything is kept, logs too. Default: a new directory chaos-SEED in the usual home.")
  private @Nullable Path directory;

  /**
   * Does nothing yet.
   *
   * @param main the class that runs the command line, for the processes
   */
  public ChaosCommand(Session session, Class<?> main) {
    this.session = session;
    this.main = main;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Logging.toStandardError(session.verbose());
    long drawn =
        Optional.ofNullable(seed).orElseGet(() -> InstantSource.system().millis() % 1_000_000);
    Path home =
        Optional.ofNullable(directory)
            .orElseGet(() -> unused(session.defaultHome(), "chaos-" + drawn));
    ChaosPlan plan = plan(drawn, home);
    session.out().println("seed " + drawn + ", everything in " + plan.home());
    ChaosReport report = run(plan);
    print(report, session.out());
    return report.clean() ? ExitCode.OK : ExitCode.SOFTWARE;
  }

  private ChaosReport run(ChaosPlan plan) throws IOException, InterruptedException {
    try {
      return new ChaosRun(
              plan,
              ProcessLauncher.likeThisProcess(main),
              url -> DatabaseUrl.parse(url).dataSource(),
              session.out())
          .run();
    } catch (IllegalArgumentException e) {
      throw new CommandFailedException(String.valueOf(e.getMessage()), e);
    }
  }

  /** The name itself, or with a number where an earlier run has it. */
  private static Path unused(Path parent, String name) {
    Path path = parent.resolve(name);
    for (int number = 2; Files.exists(path); number++) {
      path = parent.resolve(name + "-" + number);
    }
    return path;
  }

  private ChaosPlan plan(long drawn, Path home) {
    try {
      ChaosScenario scenario = scenario();
      double length = Optional.ofNullable(minutes).orElseGet(() -> usualMinutes(scenario));
      return new ChaosPlan(
          Duration.ofMillis((long) (length * 60_000)), drawn, scenario, streams, home);
    } catch (IllegalArgumentException e) {
      throw new CommandFailedException(String.valueOf(e.getMessage()), e);
    }
  }

  private ChaosScenario scenario() {
    Path earlier = from;
    Integer kills = workerKills;
    if (earlier != null && kills != null) {
      throw new CommandFailedException("--from and --worker-kills cannot be run together");
    }
    if (earlier != null) {
      if (!Files.isExecutable(earlier)) {
        throw new CommandFailedException("there is no launcher " + earlier);
      }
      return new ChaosScenario.UpgradeFrom(earlier);
    }
    return kills == null
        ? new ChaosScenario.RandomFaults(killsPerMinute)
        : new ChaosScenario.WorkerKills(kills, Duration.ofMinutes(1));
  }

  private static double usualMinutes(ChaosScenario scenario) {
    return switch (scenario) {
      case ChaosScenario.RandomFaults _ -> 10;
      case ChaosScenario.UpgradeFrom _ -> 2;
      case ChaosScenario.WorkerKills workers -> workers.kills() + 1;
    };
  }

  private static void print(ChaosReport report, PrintStream out) {
    out.println();
    Table faults = new Table(Set.of(1), "FAULT", "TIMES");
    new TreeMap<>(report.faults().injected()).forEach(faults::add);
    faults.add("all", report.faults().all());
    faults.add("missed, since the process was down", report.faults().missed());
    faults.print(out);
    out.println();
    Table requests = new Table(Set.of(1), "CLIENTS", "");
    requests.add("requests", report.clients().requests());
    requests.add("resumed or repeated", report.clients().interrupted());
    requests.add("abandoned on purpose", report.clients().abandoned());
    requests.add("provider calls", report.providerCalls());
    requests.add("taken over by instruction", report.takenOver());
    requests.add("stall p50 ms", report.stall(0.5).toMillis());
    requests.add("stall max ms", report.stall(1).toMillis());
    requests.add("lost", report.clients().lost());
    requests.add("doubled", report.doubled());
    requests.add("stuck", report.stuck());
    requests.add("wrong text", report.clients().wrong());
    requests.add("billed wrongly", report.wrongBills().size());
    requests.add("failed", report.clients().failed());
    requests.add("vanished clients", report.clients().vanished());
    requests.add("unexpected exits", report.unexpectedExits());
    requests.add("stops that hung", report.hungStops());
    requests.print(out);
    report.doubleBills().forEach(out::println);
    report.wrongBills().forEach(out::println);
    out.println();
    VerifyCommand.print(report.findings(), SHOW, out);
    out.println();
    out.println(
        report.clean()
            ? "clean: nothing lost, doubled, stuck or wrong"
            : "NOT CLEAN; run it again with --seed " + report.seed());
  }
}
