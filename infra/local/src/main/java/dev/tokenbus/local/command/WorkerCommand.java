package dev.tokenbus.local.command;

import dev.tokenbus.local.AppProcess;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code tokenbus worker}. */
@Command(
    name = "worker",
    description = {
      "Run one worker: it calls the providers, with their keys from its environment.",
      "Addresses come from --home, or from the environment."
    })
final class WorkerCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private final HomeOption home = new HomeOption();

  WorkerCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    return AppCommand.run(
        session,
        "worker",
        (progress, stopping) ->
            AppProcess.worker(home.addresses(session), home.home(session), progress, stopping));
  }
}
