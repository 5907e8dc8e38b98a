package dev.tokenbus.local.command;

import dev.tokenbus.local.AppProcess;
import dev.tokenbus.local.Progress;
import dev.tokenbus.local.StopSignal;
import dev.tokenbus.local.logging.Logging;
import java.time.Duration;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import picocli.CommandLine.ExitCode;

/**
 * Runs one app until the process is told to stop. What it logs goes to standard output, what it
 * tells people to standard error.
 */
final class AppCommand {
  /** An ingress lets its streams finish for so long at most. */
  private static final Duration STOP_LIMIT = Duration.ofSeconds(45);

  private AppCommand() {}

  static int run(
      Session session, String name, BiFunction<Progress, BooleanSupplier, AppProcess> start)
      throws InterruptedException {
    Logging.toStandardOutput(session.verbose());
    Progress progress = line -> session.err().println(line);
    try (StopSignal signal = StopSignal.install(STOP_LIMIT);
        AppProcess _ = start.apply(progress, signal::isTold)) {
      progress.say("ready " + name);
      signal.await();
      progress.say("stopping " + name);
    }
    return ExitCode.OK;
  }
}
