package dev.tokenbus.cli.command;

import dev.tokenbus.cli.terminal.Session;
import dev.tokenbus.router.MeteringMain;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code tokenbus metering}. */
@Command(
    name = "metering",
    description = {
      "Run one instance of metering alone, which \"tokenbus router\" runs too.",
      "Addresses come from --home, or from the environment."
    })
public final class MeteringCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private final HomeOption home = new HomeOption();

  /** Does nothing yet. */
  public MeteringCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    return AppRunner.run(session, home, "metering", MeteringMain::parts);
  }
}
