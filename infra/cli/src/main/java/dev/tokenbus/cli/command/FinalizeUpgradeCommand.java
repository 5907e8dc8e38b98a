package dev.tokenbus.cli.command;

import dev.tokenbus.cli.terminal.Session;
import dev.tokenbus.runtime.CatalogueMain;
import dev.tokenbus.runtime.telemetry.Logging;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;

/** {@code tokenbus finalize-upgrade}. */
@Command(
    name = "finalize-upgrade",
    description = {
      "End a rolling upgrade, once no app of an earlier version runs any more.",
      "Until then the apps write only what the earlier version reads. \"tokenbus up\" does it by itself, because it runs"
          + " every app. It can be done twice, but not undone."
    })
public final class FinalizeUpgradeCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private final HomeOption home = new HomeOption();

  /** Does nothing yet. */
  public FinalizeUpgradeCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    Logging.toStandardError(session.verbose());
    CatalogueMain.finalizeUpgrade(home.addresses(session), session.out()::println);
    return ExitCode.OK;
  }
}
