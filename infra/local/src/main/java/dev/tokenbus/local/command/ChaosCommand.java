package dev.tokenbus.local.command;

import dev.tokenbus.local.chaos.ChaosPlan;
import dev.tokenbus.local.chaos.ChaosReport;
import dev.tokenbus.local.chaos.ChaosRun;
import dev.tokenbus.local.logging.Logging;
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
      "Clients know what they must be answered: streams are taken up again where they broke, whole answers are asked"
          + " for again under their idempotency key. A mock provider answers them; nothing leaves this machine. Exit code"
          + " 0: nothing lost, doubled, stuck or wrong; 1: something was, and the logs of all processes are kept."
    })
final class ChaosCommand implements Callable<Integer> {
  private static final int SHOW = 50;

  private final Session session;

  @Option(
      names = "--minutes",
      paramLabel = "N",
      defaultValue = "10",
      description = "How long to go on. Default: ${DEFAULT-VALUE}.")
  private double minutes;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "Deals the same blows at the same times again. Default: another each time.")
  private @Nullable Long seed;

  @Option(
      names = "--kills-per-minute",
      paramLabel = "K",
      defaultValue = "4",
      description = "Kills, freezes and restarts together. Default: ${DEFAULT-VALUE}.")
  private double killsPerMinute;

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

  ChaosCommand(Session session) {
    this.session = session;
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
      return new ChaosRun(plan, session.out()).run();
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
      return new ChaosPlan(
          Duration.ofMillis((long) (minutes * 60_000)), drawn, killsPerMinute, streams, home);
    } catch (IllegalArgumentException e) {
      throw new CommandFailedException(String.valueOf(e.getMessage()), e);
    }
  }

  private static void print(ChaosReport report, PrintStream out) {
    out.println();
    Table blows = new Table(Set.of(1), "BLOW", "TIMES");
    new TreeMap<>(report.blows()).forEach(blows::add);
    blows.add("all", report.blows().values().stream().mapToInt(Integer::intValue).sum());
    blows.print(out);
    out.println();
    Table jobs = new Table(Set.of(1), "CLIENTS", "");
    jobs.add("requests", report.jobs());
    jobs.add("resumed or asked again", report.interrupted());
    jobs.add("gone on purpose", report.deserted());
    jobs.add("provider calls", report.providerCalls());
    jobs.add("silence p50 ms", report.silence(0.5).toMillis());
    jobs.add("silence max ms", report.silence(1).toMillis());
    jobs.add("lost", report.lost());
    jobs.add("doubled", report.doubled());
    jobs.add("stuck", report.stuck());
    jobs.add("wrong text", report.wrong());
    jobs.add("failed", report.failed());
    jobs.add("died by themselves", report.diedAlone());
    jobs.print(out);
    report.doubleBills().forEach(out::println);
    out.println();
    VerifyCommand.print(report.findings(), SHOW, out);
    out.println();
    out.println(
        report.clean()
            ? "clean: nothing lost, doubled, stuck or wrong"
            : "NOT CLEAN; run it again with --seed " + report.seed());
  }
}
