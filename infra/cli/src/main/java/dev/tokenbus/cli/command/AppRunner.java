package dev.tokenbus.cli.command;

import dev.tokenbus.cli.terminal.Session;
import dev.tokenbus.runtime.AppContext;
import dev.tokenbus.runtime.AppProcess;
import dev.tokenbus.runtime.lifecycle.Part;
import dev.tokenbus.runtime.telemetry.Logging;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine.ExitCode;

/**
 * Runs one app until the process receives SIGTERM. Logs go to standard output, what is for people
 * to standard error.
 */
final class AppRunner {
  private AppRunner() {}

  static int run(
      Session session, HomeOption home, String name, Function<AppContext, List<Part>> parts)
      throws InterruptedException {
    Logging.toStandardOutput(session.verbose());
    AppProcess.runUntilStopped(
        name,
        home.addresses(session),
        home.home(session).stateDirectory(),
        parts,
        session.err()::println);
    return ExitCode.OK;
  }
}
