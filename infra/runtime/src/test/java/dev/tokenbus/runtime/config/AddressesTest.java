package dev.tokenbus.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AddressesTest {
  @TempDir Path home;

  @Test
  void theEnvironmentWinsOverTheHomeDirectory() throws IOException {
    Files.writeString(
        home.resolve(Addresses.FILE),
        """
        # written by a test
        KAFKA_BOOTSTRAP_SERVERS=127.0.0.1:1
        DATABASE_URL='postgresql://u:p=1@127.0.0.1:2/tokenbus'
        SCHEMA_REGISTRY_URL="http://127.0.0.1:3"
        """);

    Addresses addresses = Addresses.of(Map.of(Addresses.KAFKA, "broker:9092"), home);

    assertThat(addresses.bootstrapServers()).isEqualTo("broker:9092");
    assertThat(addresses.databaseUrl()).isEqualTo("postgresql://u:p=1@127.0.0.1:2/tokenbus");
    assertThat(addresses.registryUrl()).isEqualTo("http://127.0.0.1:3");
  }

  @Test
  void saysWhereAMissingAddressWasLookedFor() throws IOException {
    Addresses addresses = Addresses.of(Map.of(Addresses.KAFKA, " "), home);

    assertThatThrownBy(addresses::bootstrapServers)
        .hasMessageContaining(Addresses.KAFKA)
        .hasMessageContaining(home.resolve(Addresses.FILE).toString());
  }
}
