package dev.tokenbus.runtime;

import dev.tokenbus.runtime.catalogue.CatalogueChanges;
import dev.tokenbus.runtime.catalogue.CatalogueFile;
import dev.tokenbus.runtime.catalogue.CataloguePublisher;
import dev.tokenbus.runtime.config.Addresses;
import dev.tokenbus.runtime.kafka.KafkaSettings;
import dev.tokenbus.runtime.telemetry.Logging;
import dev.tokenbus.schemas.serde.SchemaRegistry;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.TopicProvisioner;
import dev.tokenbus.schemas.topics.Topics;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;

/**
 * Applies a catalogue file, for containers, which have no command line of ours: {@code java -cp …
 * dev.tokenbus.runtime.CatalogueMain FILE}. Addresses and the secrets of tenants' keys come from
 * the environment. Exit codes: 0 applied, 1 failed, 2 wrong usage.
 */
public final class CatalogueMain {
  private CatalogueMain() {}

  /** Applies the file that the only argument names, and ends the process. */
  public static void main(String[] arguments) {
    Logging.toStandardError(false);
    System.exit(run(arguments, System.getenv(), System.out, System.err));
  }

  static int run(
      String[] arguments, Map<String, String> environment, PrintStream out, PrintStream err) {
    if (arguments.length != 1) {
      err.println("usage: CatalogueMain FILE");
      return 2;
    }
    try {
      CatalogueFile file = CatalogueFile.read(Path.of(arguments[0]), environment, Instant.now());
      file.warnings().forEach(warning -> err.println("warning: " + warning));
      print(apply(file, Addresses.of(environment)), out);
      return 0;
    } catch (IOException | RuntimeException e) {
      err.println("tokenbus: the catalogue was not applied: " + e.getMessage());
      return 1;
    }
  }

  /**
   * Makes the file the catalogue of everything that runs.
   *
   * @throws RuntimeException if broker or registry do not answer, or refuse
   */
  public static CatalogueChanges apply(CatalogueFile file, Addresses addresses) {
    KafkaSettings kafka = new KafkaSettings(addresses);
    try (SchemaRegistry registry = new SchemaRegistry(URI.create(addresses.registryUrl()));
        Admin admin = Admin.create(kafka.common())) {
      new TopicProvisioner(admin).provision(List.of(Topics.CATALOGUE));
      TopicSchemas schemas = new TopicSchemas(registry).resolve(List.of(Topics.CATALOGUE));
      return new CataloguePublisher(kafka, schemas).apply(file);
    }
  }

  /** Prints one line for each change and one with their numbers. */
  public static void print(CatalogueChanges changes, PrintStream out) {
    changes.added().forEach(key -> out.println("added    " + key));
    changes.changed().forEach(key -> out.println("changed  " + key));
    changes.removed().forEach(key -> out.println("removed  " + key));
    out.println(
        changes.isEmpty()
            ? "nothing to change"
            : "%d added, %d changed, %d removed"
                .formatted(
                    changes.added().size(), changes.changed().size(), changes.removed().size()));
  }
}
