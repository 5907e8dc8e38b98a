package dev.tokenbus.cli.command;

import dev.tokenbus.cli.terminal.Session;
import dev.tokenbus.ingress.IngressMain;
import dev.tokenbus.ingress.IngressSettings;
import dev.tokenbus.local.LocalSettings;
import dev.tokenbus.runtime.AppContext;
import dev.tokenbus.runtime.lifecycle.Part;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tokenbus ingress}. */
@Command(
    name = "ingress",
    description = {
      "Run one ingress: the HTTP API.",
      "Addresses come from --home, or from the environment."
    })
public final class IngressCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private final HomeOption home = new HomeOption();

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "" + LocalSettings.DEFAULT_PORT,
      description = "Default: ${DEFAULT-VALUE}.")
  private int port;

  /** Does nothing yet. */
  public IngressCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    return AppRunner.run(session, home, "ingress", this::parts);
  }

  private List<Part> parts(AppContext context) {
    return List.of(
        IngressMain.part(context, IngressSettings.from(context.addresses()).withPort(port)));
  }
}
