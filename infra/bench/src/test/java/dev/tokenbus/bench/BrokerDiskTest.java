package dev.tokenbus.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BrokerDiskTest {
  @Test
  void addsUpSegmentsAndLeavesIndexesOut(@TempDir Path home) throws IOException {
    for (String partition : new String[] {"bodies-0", "requests-3"}) {
      Path directory = Files.createDirectories(home.resolve("kafka").resolve(partition));
      Files.write(directory.resolve("00000000000000000000.log"), new byte[1_000]);
      Files.write(directory.resolve("00000000000000000000.index"), new byte[10_000]);
    }

    assertThat(BrokerDisk.of(home).bytes()).isEqualTo(2_000);
  }
}
