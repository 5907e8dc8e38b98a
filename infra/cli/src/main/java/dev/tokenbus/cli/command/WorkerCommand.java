package dev.tokenbus.cli.command;

import dev.tokenbus.cli.terminal.Session;
import dev.tokenbus.workers.WorkerMain;
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
public final class WorkerCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private final HomeOption home = new HomeOption();

  /** Does nothing yet. */
  public WorkerCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    return AppRunner.run(session, home, "worker", WorkerMain::parts);
  }
}
