package dev.tokenbus.cli.command;

import dev.tokenbus.cli.terminal.Session;
import dev.tokenbus.router.MeteringMain;
import dev.tokenbus.router.RouterMain;
import dev.tokenbus.runtime.AppContext;
import dev.tokenbus.runtime.lifecycle.Part;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code tokenbus router}. */
@Command(
    name = "router",
    description = {
      "Run one instance of the router, with its metering.",
      "Addresses come from --home, or from the environment."
    })
public final class RouterCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private final HomeOption home = new HomeOption();

  /** Does nothing yet. */
  public RouterCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    return AppRunner.run(session, home, "router", RouterCommand::parts);
  }

  private static List<Part> parts(AppContext context) {
    return Stream.concat(MeteringMain.parts(context).stream(), RouterMain.parts(context).stream())
        .toList();
  }
}
