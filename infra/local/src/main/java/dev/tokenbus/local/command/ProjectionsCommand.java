package dev.tokenbus.local.command;

import dev.tokenbus.local.AppProcess;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code tokenbus projections}. */
@Command(
    name = "projections",
    description = {
      "Run one instance of the projections, which write to PostgreSQL.",
      "Addresses come from --home, or from the environment."
    })
final class ProjectionsCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private final HomeOption home = new HomeOption();

  ProjectionsCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    return AppCommand.run(
        session,
        "projections",
        (progress, stopping) ->
            AppProcess.projections(
                home.addresses(session), home.home(session), progress, stopping));
  }
}
