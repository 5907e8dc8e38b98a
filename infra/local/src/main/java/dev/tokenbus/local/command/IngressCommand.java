package dev.tokenbus.local.command;

import dev.tokenbus.local.AppProcess;
import dev.tokenbus.local.LocalSettings;
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
final class IngressCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private final HomeOption home = new HomeOption();

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "" + LocalSettings.DEFAULT_PORT,
      description = "Default: ${DEFAULT-VALUE}.")
  private int port;

  IngressCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    return AppCommand.run(
        session,
        "ingress http://127.0.0.1:" + port,
        (progress, stopping) ->
            AppProcess.ingress(
                home.addresses(session), home.home(session), port, progress, stopping));
  }
}
