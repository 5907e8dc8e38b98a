package dev.tokenbus.cli;

import dev.tokenbus.bench.BenchCommand;
import dev.tokenbus.bench.MockCommand;
import dev.tokenbus.cli.command.ApplyCommand;
import dev.tokenbus.cli.command.ChaosCommand;
import dev.tokenbus.cli.command.ChatCommand;
import dev.tokenbus.cli.command.FinalizeUpgradeCommand;
import dev.tokenbus.cli.command.InfraCommand;
import dev.tokenbus.cli.command.IngressCommand;
import dev.tokenbus.cli.command.MeteringCommand;
import dev.tokenbus.cli.command.ProjectionsCommand;
import dev.tokenbus.cli.command.RouterCommand;
import dev.tokenbus.cli.command.TopicsCommand;
import dev.tokenbus.cli.command.UpCommand;
import dev.tokenbus.cli.command.UsageCommand;
import dev.tokenbus.cli.command.VerifyCommand;
import dev.tokenbus.cli.command.WorkerCommand;
import dev.tokenbus.cli.terminal.Session;
import dev.tokenbus.runtime.telemetry.Logging;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;

/** The command line. Exit codes: 0 done, 1 failed, 2 wrong usage. */
@Command(
    name = "tokenbus",
    description = "A Kafka backbone for AI traffic.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    footer = {"", "\"tokenbus COMMAND --help\" says more about a command."})
public final class Tokenbus implements Runnable {
  /** Names the default home directory; the launcher sets it to the checkout's. */
  private static final String HOME_PROPERTY = "tokenbus.home";

  private final Session session;
  private final CommandLine line;

  private Tokenbus(Session session) {
    this.session = session;
    line = new CommandLine(this);
  }

  /** Runs the command of the arguments and ends the process. */
  public static void main(String[] arguments) {
    // Without a setting, logback would log everything.
    Logging.toStandardError(false);
    Session session =
        new Session(
            System.getenv(),
            Path.of(System.getProperty(HOME_PROPERTY, ".tokenbus")),
            System.in,
            System.out,
            System.err);
    System.exit(commandLine(session).execute(arguments));
  }

  /** The commands, ready to execute. */
  public static CommandLine commandLine(Session session) {
    Tokenbus tokenbus = new Tokenbus(session);
    CommandLine line =
        tokenbus
            .line
            .addSubcommand(new UpCommand(session))
            .addSubcommand(new ApplyCommand(session))
            .addSubcommand(new ChatCommand(session))
            .addSubcommand(new UsageCommand(session))
            .addSubcommand(new TopicsCommand(session))
            .addSubcommand(new VerifyCommand(session))
            .addSubcommand(new ChaosCommand(session, Tokenbus.class))
            .addSubcommand(new InfraCommand(session))
            .addSubcommand(new FinalizeUpgradeCommand(session))
            .addSubcommand(new IngressCommand(session))
            .addSubcommand(new RouterCommand(session))
            .addSubcommand(new MeteringCommand(session))
            .addSubcommand(new WorkerCommand(session))
            .addSubcommand(new ProjectionsCommand(session))
            .addSubcommand(new BenchCommand())
            .addSubcommand("mock-provider", new MockCommand());
    line.getSubcommands()
        .values()
        .forEach(command -> command.getCommandSpec().mixinStandardHelpOptions(true));
    // Its own name is that of a program of its own.
    Objects.requireNonNull(line.getSubcommands().get("mock-provider"))
        .setCommandName("mock-provider");
    line.setOut(new PrintWriter(session.out(), true, session.out().charset()));
    line.setErr(new PrintWriter(session.err(), true, session.err().charset()));
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setUsageHelpLongOptionsMaxWidth(30);
    line.setExecutionExceptionHandler(new FailureReporter(session));
    line.setParameterExceptionHandler(new UsageErrorReporter(session));
    return line;
  }

  @Option(
      names = {"-v", "--verbose"},
      scope = ScopeType.INHERIT,
      description = "Log more, and show where an error came from.")
  void verbose(boolean verbose) {
    session.setVerbose(verbose);
  }

  /** No command was given. */
  @Override
  public void run() {
    throw new ParameterException(line, "no command was given");
  }
}
