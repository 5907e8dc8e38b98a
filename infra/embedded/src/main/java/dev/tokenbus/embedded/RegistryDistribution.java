package dev.tokenbus.embedded;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Finds the unpacked Apicurio Registry. The build unpacks it to {@code
 * infra/embedded/target/registry}; wherever our jar goes, a directory {@code registry} beside it or
 * beside its directory is found too.
 */
final class RegistryDistribution {
  /** System property that names the directory outright. */
  static final String PROPERTY = "tokenbus.registry.distribution";

  static final String JAR = "quarkus-run.jar";

  private RegistryDistribution() {}

  static Path find() {
    List<Path> candidates = candidates();
    return candidates.stream()
        .filter(directory -> Files.isRegularFile(directory.resolve(JAR)))
        .findFirst()
        .orElseThrow(() ->
            new StartFailedException(
                candidates.stream()
                    .map(Path::toString)
                    .collect(
                        Collectors.joining(
                            ", ",
                            "Apicurio Registry (" + JAR + ") found neither in ",
                            ": build infra/embedded, or name its directory by -D" + PROPERTY)),
                null));
  }

  private static List<Path> candidates() {
    String named = System.getProperty(PROPERTY);
    if (named != null) {
      return List.of(Path.of(named));
    }
    List<Path> candidates = new ArrayList<>();
    Path code = codeLocation();
    for (Path parent = code.getParent();
        parent != null && candidates.size() < 2;
        parent = parent.getParent()) {
      candidates.add(parent.resolve("registry"));
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
