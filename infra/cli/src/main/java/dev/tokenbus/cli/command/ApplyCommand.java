package dev.tokenbus.cli.command;

import dev.tokenbus.cli.terminal.Session;
import dev.tokenbus.runtime.CatalogueMain;
import dev.tokenbus.runtime.catalogue.file.CatalogueFile;
import dev.tokenbus.runtime.telemetry.Logging;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tokenbus apply}. */
@Command(
    name = "apply",
    description = {
      "Make a file the catalogue of everything that runs.",
      "What differs is written to the topic \"catalogue\", and what the file no longer names is removed. Secrets of"
          + " tenants' keys are taken from this command's environment and leave it as hashes."
    })
public final class ApplyCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private final HomeOption home = new HomeOption();

  @Parameters(paramLabel = "FILE", description = "The catalogue, in YAML.")
  private Path file = Path.of("");

  @Option(
      names = "--check",
      description = "Read the file and say what is wrong with it; change nothing.")
  private boolean check;

  /** Does nothing yet. */
  public ApplyCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Logging.toStandardError(session.verbose());
    CatalogueFile catalogue = BackboneOptions.readCatalogue(file, session);
    if (check) {
      session.out().println(file + " is a catalogue of " + catalogue.entries().size() + " entries");
      return ExitCode.OK;
    }
    CatalogueMain.print(CatalogueMain.apply(catalogue, home.addresses(session)), session.out());
    return ExitCode.OK;
  }
}
