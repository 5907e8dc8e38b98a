package dev.tokenbus.cli.command;

import dev.tokenbus.cli.terminal.Session;
import dev.tokenbus.projections.ProjectionsMain;
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
public final class ProjectionsCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private final HomeOption home = new HomeOption();

  /** Does nothing yet. */
  public ProjectionsCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    return AppRunner.run(session, home, "projections", ProjectionsMain::parts);
  }
}
