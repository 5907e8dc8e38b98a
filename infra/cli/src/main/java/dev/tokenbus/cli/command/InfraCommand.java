package dev.tokenbus.cli.command;

import dev.tokenbus.cli.terminal.Session;
import dev.tokenbus.local.LocalSettings;
import dev.tokenbus.local.LocalStack;
import dev.tokenbus.runtime.lifecycle.Progress;
import dev.tokenbus.runtime.lifecycle.StopSignal;
import dev.tokenbus.runtime.telemetry.Logging;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;

/** {@code tokenbus infra}. */
@Command(
    name = "infra",
    description = {
      "Start broker, schema registry and database alone.",
      "The apps then run as processes of their own: ingress, router, worker, projections. TOKENBUS_URL in"
          + " endpoints.env names --port, where \"tokenbus ingress\" listens by default."
    })
public final class InfraCommand implements Callable<Integer> {
  private static final Duration STOP_LIMIT = Duration.ofSeconds(30);

  private final Session session;
  @Mixin private final BackboneOptions options = new BackboneOptions();

  /** Does nothing yet. */
  public InfraCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    LocalSettings settings = options.settings(session);
    settings.home().create();
    Logging.toFile(settings.home().logFile(), session.verbose());
    Progress progress = line -> session.out().println(line);
    try (StopSignal signal = StopSignal.install(STOP_LIMIT);
        LocalStack stack = LocalStack.startWithoutApps(settings, progress, signal::received)) {
      session.out().println("ready key=" + stack.key());
      session.out().println("addresses: source " + settings.home().directory() + "/endpoints.env");
      signal.await();
      session.out().println("stopping");
    }
    return ExitCode.OK;
  }
}
