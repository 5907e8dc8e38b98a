package dev.tokenbus.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbus.embedded.process.StartFailedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistryDistributionTest {
  @TempDir private Path root;

  @Test
  void isFoundInACheckoutFromWhereverTheCodeRuns() throws IOException {
    Path unpacked = unpackedAt(root.resolve("checkout/infra/embedded/target/registry"));
    for (String code :
        List.of(
            "infra/embedded/target/classes",
            "infra/embedded/target/tokenbus-embedded.jar",
            "infra/local/target/lib/tokenbus-embedded.jar")) {
      List<Path> places = RegistryDistribution.around(root.resolve("checkout").resolve(code));
      assertThat(RegistryDistribution.firstOf(places)).as(code).isEqualTo(unpacked);
    }
  }

  @Test
  void isFoundBesideTheJarsOfAnInstallation() throws IOException {
    Path unpacked = unpackedAt(root.resolve("opt/tokenbus/registry"));
    List<Path> places =
        RegistryDistribution.around(root.resolve("opt/tokenbus/lib/tokenbus-embedded.jar"));
    assertThat(RegistryDistribution.firstOf(places)).isEqualTo(unpacked);
  }

  @Test
  void saysWhereItLookedAndWhatToDo() {
    assertThatThrownBy(() -> RegistryDistribution.firstOf(List.of(root.resolve("nowhere"))))
        .isInstanceOf(StartFailedException.class)
        .hasMessageContaining(root.resolve("nowhere").toString())
        .hasMessageContaining("-Dtokenbus.registry.distribution");
  }

  private static Path unpackedAt(Path directory) throws IOException {
    Files.createDirectories(directory);
    Files.createFile(directory.resolve(RegistryDistribution.JAR));
    return directory;
  }
}
