package dev.tokenbus.embedded;

import dev.tokenbus.embedded.process.StartFailedException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds the unpacked Apicurio Registry: in {@code infra/embedded/target/registry}, where the build
 * puts it, for everything that runs from a checkout; elsewhere in a directory {@code registry}
 * beside our jar or beside the jar's directory.
 */
final class RegistryDistribution {
  /** System property that names the directory outright. */
  static final String PROPERTY = "tokenbus.registry.distribution";

  private static final Path MODULE = Path.of("infra", "embedded");
  private static final Path UNPACKED_BY_BUILD = MODULE.resolve("target").resolve("registry");

  static final String JAR = "quarkus-run.jar";

  private RegistryDistribution() {}

  static Path find() {
    String named = System.getProperty(PROPERTY);
    return firstOf(named == null ? around(codeLocation()) : List.of(Path.of(named)));
  }

  static Path firstOf(List<Path> candidates) {
    return candidates.stream()
        .filter(directory -> Files.isRegularFile(directory.resolve(JAR)))
        .findFirst()
        .orElseThrow(() ->
            new StartFailedException(
                "Apicurio Registry (%s) is in none of %s: build infra/embedded, or name its directory by -D%s"
                    .formatted(JAR, candidates, PROPERTY),
                null));
  }

  /** Where it may be if our code is at {@code code}. */
  static List<Path> around(Path code) {
    List<Path> candidates = new ArrayList<>();
    for (Path parent = code.getParent(); parent != null; parent = parent.getParent()) {
      if (candidates.size() < 2) {
        candidates.add(parent.resolve("registry"));
      }
      if (Files.isDirectory(parent.resolve(MODULE))) { // a checkout
        candidates.add(parent.resolve(UNPACKED_BY_BUILD));
      }
    }
    return List.copyOf(candidates);
  }

  private static Path codeLocation() {
    try {
      URI location =
          RegistryDistribution.class.getProtectionDomain().getCodeSource().getLocation().toURI();
      return Path.of(location).toAbsolutePath();
    } catch (URISyntaxException e) {
      throw new IllegalStateException("our own code is at no valid address", e);
    }
  }
}
