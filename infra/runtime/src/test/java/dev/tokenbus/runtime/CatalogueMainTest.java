package dev.tokenbus.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CatalogueMainTest {
  @TempDir private Path directory = Path.of("");
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @Test
  void saysHowItIsUsed() {
    assertThat(run()).isEqualTo(2);
    assertThat(run("apply")).isEqualTo(2);
    assertThat(run("finalize-upgrade", "now")).isEqualTo(2);
    assertThat(errors()).contains("usage: CatalogueMain apply FILE | finalize-upgrade");
  }

  @Test
  void saysWhatIsWrongWithTheFileBeforeItConnects() throws IOException {
    Path file = directory.resolve("catalogue.yaml");
    Files.writeString(file, "models: { m: { provider: nobody } }\n");

    assertThat(run("apply", file.toString())).isEqualTo(1);

    assertThat(errors()).contains("models.m.provider: no provider named nobody");
  }

  @Test
  void saysWhichAddressIsMissing() throws IOException {
    Path file = directory.resolve("catalogue.yaml");
    Files.writeString(file, "providers: { a: { dialect: simulated } }\n");

    assertThat(run("apply", file.toString())).isEqualTo(1);

    assertThat(errors()).contains("KAFKA_BOOTSTRAP_SERVERS is not set in the environment");
  }

  private int run(String... arguments) {
    return CatalogueMain.run(arguments, Map.of(), print(out), print(err));
  }

  private String errors() {
    return err.toString(StandardCharsets.UTF_8);
  }

  private static PrintStream print(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }
}
