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

/** {@code tokenbus up}. */
@Command(name = "up", description = "Start everything on this machine, in one process.")
public final class UpCommand implements Callable<Integer> {
  private static final Duration STOP_LIMIT = Duration.ofSeconds(45);

  private final Session session;
  @Mixin private final BackboneOptions options = new BackboneOptions();

  /** Does nothing yet. */
  public UpCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    LocalSettings settings = options.settings(session);
    settings.home().create();
    Logging.toFile(settings.home().logFile(), session.verbose());
    Progress progress = line -> session.out().println(line);
    try (StopSignal signal = StopSignal.install(STOP_LIMIT);
        LocalStack stack = LocalStack.start(settings, progress, signal::received)) {
      session.out().println("ready " + stack.url() + " key=" + stack.key());
      session.out().println(curl(stack));
      session.out().println("addresses: source " + settings.home().directory() + "/endpoints.env");
      session.out().println("logs: " + settings.home().logFile() + "; stop with Ctrl-C");
      signal.await();
      session.out().println("stopping");
    }
    return ExitCode.OK;
  }

  private static String curl(LocalStack stack) {
    return ("curl -N %s/v1/chat/completions -H 'Authorization: Bearer %s'"
            + " -H 'Content-Type: application/json'"
            + " -d '{\"model\":\"%s\",\"stream\":true,"
            + "\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}'")
        .formatted(stack.url(), stack.key(), stack.demonstrationModel());
  }
}
