package dev.tokenbus.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbus.runtime.config.Addresses;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalEndpointsTest {
  private static final LocalKey KEY = new LocalKey("tb_" + "0f".repeat(32));
  @TempDir private Path directory = Path.of("");

  @Test
  void exportsEveryAddressToWhoeverSourcesTheFile() throws Exception {
    LocalEndpoints endpoints = endpoints("postgresql://u:p@127.0.0.1:5432/d?a=b&c=$HOME;true");
    endpoints.write(home());

    Process shell =
        new ProcessBuilder(
                "bash", "-c", "source \"$1\" && env", "-", home().endpointsFile().toString())
            .start();
    String environment = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(shell.waitFor()).isZero();
    endpoints
        .asEnvironment()
        .forEach((name, value) -> assertThat(environment.lines()).contains(name + "=" + value));
    assertThat(endpoints.asEnvironment()).hasSize(5);
  }

  @Test
  void isReadBackByTheApps() throws IOException {
    LocalEndpoints endpoints = endpoints("postgresql://u:p@127.0.0.1:5432/d?a=b&c=d");
    endpoints.write(home());

    Addresses addresses = Addresses.of(Map.of(), directory);

    endpoints
        .asEnvironment()
        .forEach((name, value) -> assertThat(addresses.require(name)).isEqualTo(value));
  }

  @Test
  void isReadableByItsOwnerOnlyAlsoWhereAnOlderFileWasNot() throws IOException {
    Files.writeString(home().endpointsFile(), "old");
    Files.setPosixFilePermissions(
        home().endpointsFile(), PosixFilePermissions.fromString("rw-r--r--"));

    endpoints("postgresql://u:p@h:1/d").write(home());

    assertThat(Files.getPosixFilePermissions(home().endpointsFile()))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    try (var files = Files.list(directory)) {
      assertThat(files).containsExactly(home().endpointsFile());
    }
  }

  @Test
  void refusesWhatAShellCouldRun() {
    assertThatThrownBy(() -> endpoints("postgresql://u:'p'@h/d").write(home()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private Home home() {
    return new Home(directory);
  }

  private static LocalEndpoints endpoints(String databaseUrl) {
    return new LocalEndpoints(
        "http://127.0.0.1:8317",
        KEY,
        "127.0.0.1:9092",
        "http://127.0.0.1:8081/apis/ccompat/v7",
        databaseUrl);
  }
}
