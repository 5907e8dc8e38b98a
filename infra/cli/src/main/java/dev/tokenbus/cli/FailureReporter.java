package dev.tokenbus.cli;

import dev.tokenbus.cli.terminal.CommandFailedException;
import dev.tokenbus.cli.terminal.Session;
import dev.tokenbus.embedded.home.AlreadyRunningException;
import dev.tokenbus.embedded.home.PortInUseException;
import dev.tokenbus.embedded.process.StartFailedException;
import dev.tokenbus.local.PortTakenException;
import dev.tokenbus.runtime.catalogue.file.CatalogueFileException;
import dev.tokenbus.runtime.catalogue.publish.CatalogueConflictException;
import dev.tokenbus.runtime.lifecycle.StartStoppedException;
import dev.tokenbus.schemas.serde.SchemaRegistryException;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** Tells of a failure what a user can act on, and where it came from only when asked. */
final class FailureReporter implements IExecutionExceptionHandler {
  private final Session session;

  FailureReporter(Session session) {
    this.session = session;
  }

  @Override
  public int handleExecutionException(
      Exception failure, CommandLine commandLine, ParseResult parseResult) {
    session.err().println("tokenbus: " + sentence(failure));
    if (session.verbose()) {
      failure.printStackTrace(session.err());
    } else if (!isSelfExplaining(failure)) {
      session.err().println("tokenbus: run it again with -v to see where that came from");
    }
    return ExitCode.SOFTWARE;
  }

  private static String sentence(Exception failure) {
    if (failure instanceof AlreadyRunningException running) {
      return running.getMessage() + ". Stop it first, or name another directory with --home";
    }
    String message = failure.getMessage();
    if (message == null) {
      return failure.toString();
    }
    Throwable cause = failure.getCause();
    if (cause == null || cause.getMessage() == null || isSelfExplaining(failure)) {
      return message;
    }
    return message.contains(cause.getMessage()) ? message : message + ": " + cause.getMessage();
  }

  /** Exceptions whose messages are written for users. */
  private static boolean isSelfExplaining(Exception failure) {
    return failure instanceof CommandFailedException
        || failure instanceof CatalogueFileException
        || failure instanceof CatalogueConflictException
        || failure instanceof SchemaRegistryException
        || failure instanceof AlreadyRunningException
        || failure instanceof PortInUseException
        || failure instanceof PortTakenException
        || failure instanceof StartFailedException
        || failure instanceof StartStoppedException;
  }
}
