package dev.tokenbus.local.command;

import dev.tokenbus.local.AppProcess;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code tokenbus router}. */
@Command(
    name = "router",
    description = {
      "Run one instance of the router, with its metering.",
      "Addresses come from --home, or from the environment."
    })
final class RouterCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private final HomeOption home = new HomeOption();

  RouterCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    return AppCommand.run(
        session,
        "router",
        (progress, stopping) ->
            AppProcess.router(home.addresses(session), home.home(session), progress, stopping));
  }
}
