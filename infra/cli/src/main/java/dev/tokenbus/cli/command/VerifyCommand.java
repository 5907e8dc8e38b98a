package dev.tokenbus.cli.command;

import dev.tokenbus.cli.terminal.Session;
import dev.tokenbus.cli.terminal.Table;
import dev.tokenbus.projections.store.DatabaseUrl;
import dev.tokenbus.runtime.config.Addresses;
import dev.tokenbus.runtime.telemetry.Logging;
import dev.tokenbus.verify.Verification;
import dev.tokenbus.verify.findings.Findings;
import dev.tokenbus.verify.findings.FindingsJson;
import dev.tokenbus.verify.findings.RequestCounts;
import dev.tokenbus.verify.ledger.GracePeriods;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tokenbus verify}. */
@Command(
    name = "verify",
    description = {
      "Check that nothing was lost and nothing doubled.",
      "Reads requests, attempts, replies, outcomes and usage from the first kept record to the present end, and the"
          + " tables in PostgreSQL, and prints every difference. Writes nothing. Exit code 0: there is none; 1: there is"
          + " one."
    })
public final class VerifyCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private final HomeOption home = new HomeOption();

  @Option(
      names = "--wait",
      paramLabel = "SECONDS",
      defaultValue = "0",
      description =
          "Wait so long for everything to end and to be written down. Default: ${DEFAULT-VALUE}.")
  private int waitSeconds;

  @Option(
      names = "--show",
      paramLabel = "N",
      defaultValue = "20",
      description = "Show so many differences at most. Default: ${DEFAULT-VALUE}.")
  private int show;

  @Option(names = "--json", description = "Print one JSON document.")
  private boolean json;

  /** Does nothing yet. */
  public VerifyCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    Logging.toStandardError(session.verbose());
    try (Verification verification = verification(home.addresses(session))) {
      Findings findings =
          waitSeconds > 0
              ? verification.runUntilSettled(Duration.ofSeconds(waitSeconds))
              : verification.run();
      if (json) {
        session.out().println(FindingsJson.of(findings, show).toPrettyString());
      } else {
        print(findings, show, session.out());
      }
      return findings.differences().isEmpty() ? ExitCode.OK : ExitCode.SOFTWARE;
    }
  }

  private static Verification verification(Addresses addresses) {
    return new Verification(
        addresses,
        DatabaseUrl.parse(addresses.databaseUrl()).dataSource(),
        Clock.systemUTC(),
        GracePeriods.DEFAULT);
  }

  static void print(Findings findings, int show, PrintStream out) {
    RequestCounts topics = findings.topics();
    RequestCounts tables = findings.tables();
    Table table = new Table(Set.of(1, 2), "REQUESTS", "TOPICS", "TABLES");
    table.add("accepted", topics.accepted(), tables.accepted());
    table.add("completed", topics.completed(), tables.completed());
    table.add("failed", topics.failed(), tables.failed());
    table.add("cancelled", topics.cancelled(), tables.cancelled());
    table.add("rejected", topics.rejected(), tables.rejected());
    table.add("in flight", topics.inFlight(), tables.inFlight());
    table.print(out);
    note(findings.settling(), "ended; the bill or the last reply may still arrive", out);
    note(findings.behind(), "not in the tables yet", out);
    note(findings.repeats(), "repeats on the log, which do no harm", out);
    note(findings.expiredReplies(), "checked without their replies, which have expired", out);
    note(findings.expiredRequests(), "older than the log, not checked", out);
    if (findings.differences().isEmpty()) {
      out.println("no differences");
      return;
    }
    out.println(findings.differences().size() + " differences");
    findings
        .differencesByKind()
        .forEach((kind, count) -> out.println("  " + count + " x " + kind.sentence()));
    findings.differences().stream()
        .limit(show)
        .forEach(difference ->
            out.println(
                difference.subject()
                    + "  "
                    + difference.kind().wireName()
                    + ": "
                    + difference.detail()));
  }

  private static void note(long count, String what, PrintStream out) {
    if (count > 0) {
      out.println(count + " " + what);
    }
  }
}
