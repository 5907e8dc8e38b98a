package dev.tokenbus.local.command;

import dev.tokenbus.local.logging.Logging;
import dev.tokenbus.runtime.catalogue.CatalogueChanges;
import dev.tokenbus.runtime.catalogue.CatalogueFile;
import dev.tokenbus.runtime.catalogue.CataloguePublisher;
import dev.tokenbus.runtime.config.Addresses;
import dev.tokenbus.runtime.kafka.KafkaSettings;
import dev.tokenbus.schemas.serde.SchemaRegistry;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.TopicProvisioner;
import dev.tokenbus.schemas.topics.Topics;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
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
final class ApplyCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private final HomeOption home = new HomeOption();

  @Parameters(paramLabel = "FILE", description = "The catalogue, in YAML.")
  private Path file = Path.of("");

  @Option(
      names = "--check",
      description = "Read the file and say what is wrong with it; change nothing.")
  private boolean check;

  ApplyCommand(Session session) {
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
    print(publish(catalogue, home.addresses(session)));
    return ExitCode.OK;
  }

  private static CatalogueChanges publish(CatalogueFile catalogue, Addresses addresses) {
    KafkaSettings kafka = new KafkaSettings(addresses);
    try (SchemaRegistry registry = new SchemaRegistry(URI.create(addresses.registryUrl()));
        Admin admin = Admin.create(kafka.common())) {
      new TopicProvisioner(admin).provision(List.of(Topics.CATALOGUE));
      TopicSchemas schemas = new TopicSchemas(registry).resolve(List.of(Topics.CATALOGUE));
      return new CataloguePublisher(kafka, schemas).apply(catalogue);
    }
  }

  private void print(CatalogueChanges changes) {
    changes.added().forEach(key -> session.out().println("added    " + key));
    changes.changed().forEach(key -> session.out().println("changed  " + key));
    changes.removed().forEach(key -> session.out().println("removed  " + key));
    session
        .out()
        .println(
            changes.isEmpty()
                ? "nothing to change"
                : "%d added, %d changed, %d removed"
                    .formatted(
                        changes.added().size(),
                        changes.changed().size(),
                        changes.removed().size()));
  }
}
