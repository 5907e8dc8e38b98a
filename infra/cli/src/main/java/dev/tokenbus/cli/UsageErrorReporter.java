package dev.tokenbus.cli;

import dev.tokenbus.cli.terminal.Session;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Tells of wrong usage in a line or two; the whole help is one option away. */
final class UsageErrorReporter implements IParameterExceptionHandler {
  private final Session session;

  UsageErrorReporter(Session session) {
    this.session = session;
  }

  @Override
  public int handleParseException(ParameterException failure, String[] arguments) {
    CommandLine command = failure.getCommandLine();
    session.err().println("tokenbus: " + failure.getMessage());
    if (!UnmatchedArgumentException.printSuggestions(failure, command.getErr())) {
      session
          .err()
          .println("tokenbus: see " + command.getCommandSpec().qualifiedName() + " --help");
    }
    return ExitCode.USAGE;
  }
}
