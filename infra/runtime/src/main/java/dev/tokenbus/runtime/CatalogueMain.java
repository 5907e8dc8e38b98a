package dev.tokenbus.runtime;

import dev.tokenbus.runtime.catalogue.file.CatalogueFile;
import dev.tokenbus.runtime.catalogue.publish.CatalogueChanges;
import dev.tokenbus.runtime.config.Addresses;
import dev.tokenbus.runtime.telemetry.Logging;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What containers need of the command line, which they do not hold: {@code java -cp …
 * dev.tokenbus.runtime.CatalogueMain apply FILE}, and {@code finalize-upgrade}. Addresses and the
 * secrets of tenants' keys come from the environment. Exit codes: 0 done, 1 failed, 2 wrong usage.
 */
public final class CatalogueMain {
  /** How long apps have to see API keys in their new place before those leave the old one. */
  public static final Duration KEYS_SETTLE = Duration.ofSeconds(5);

  private static final String APPLY = "apply";
  private static final String FINALIZE = "finalize-upgrade";

  private CatalogueMain() {}

  /** Runs the command that the arguments name, and ends the process. */
  public static void main(String[] arguments) {
    Logging.toStandardError(false);
    System.exit(run(arguments, System.getenv(), System.out, System.err));
  }

  static int run(
      String[] arguments, Map<String, String> environment, PrintStream out, PrintStream err) {
    boolean applies = arguments.length == 2 && arguments[0].equals(APPLY);
    boolean finalizes = arguments.length == 1 && arguments[0].equals(FINALIZE);
    if (!applies && !finalizes) {
      err.println("usage: CatalogueMain " + APPLY + " FILE | " + FINALIZE);
      return 2;
    }
    try {
      if (applies) {
        apply(Path.of(arguments[1]), environment, out, err);
      } else {
        finalizeUpgrade(Addresses.of(environment), out::println);
      }
      return 0;
    } catch (IOException | RuntimeException e) {
      err.println("tokenbus: " + arguments[0] + " failed: " + e.getMessage());
      return 1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    }
  }

  private static void apply(
      Path path, Map<String, String> environment, PrintStream out, PrintStream err)
      throws IOException {
    CatalogueFile file = CatalogueFile.read(path, environment, Instant.now());
    file.warnings().forEach(warning -> err.println("warning: " + warning));
    print(apply(file, Addresses.of(environment)), out);
  }

  /**
   * Makes the file the catalogue of everything that runs.
   *
   * @throws RuntimeException if broker or registry do not answer, or refuse
   */
  public static CatalogueChanges apply(CatalogueFile file, Addresses addresses) {
    try (CatalogueAccess access = CatalogueAccess.open(addresses)) {
      return access.publisher().apply(file);
    }
  }

  /**
   * Ends an upgrade and says so: from now on the apps write what only this version reads.
   *
   * @throws RuntimeException if broker or registry do not answer, or refuse
   */
  public static void finalizeUpgrade(Addresses addresses, Consumer<String> out)
      throws InterruptedException {
    try (CatalogueAccess access = CatalogueAccess.open(addresses)) {
      boolean done = access.publisher().finalizeUpgrade(KEYS_SETTLE);
      out.accept(
          (done ? "upgraded to format level " : "nothing to do: format level ")
              + access.publisher().formatLevel());
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
