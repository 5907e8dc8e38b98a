package dev.tokenbus.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalKeyTest {
  @TempDir private Path directory = Path.of("");

  @Test
  void isMadeOnceAndKeptForItsOwnerOnly() throws IOException {
    Home home = new Home(directory.resolve("home"));

    LocalKey key = LocalKey.of(home);

    assertThat(key.text()).matches("tb_[0-9a-f]{64}");
    assertThat(LocalKey.of(home)).isEqualTo(key);
    assertThat(Files.getPosixFilePermissions(home.keyFile()))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    assertThat(Files.getPosixFilePermissions(home.directory()))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
  }

  @Test
  void isAnotherInEveryHome() {
    assertThat(LocalKey.of(new Home(directory.resolve("a"))))
        .isNotEqualTo(LocalKey.of(new Home(directory.resolve("b"))));
  }

  @Test
  void staysOutOfLogs() {
    LocalKey key = LocalKey.of(new Home(directory));

    assertThat(key.toString()).doesNotContain(key.text().substring(3));
  }

  @Test
  void saysWhichFileHoldsNoKey() throws IOException {
    Home home = new Home(directory);
    Files.writeString(home.keyFile(), "secret");

    assertThatThrownBy(() -> LocalKey.of(home))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(home.keyFile().toString())
        .hasMessageNotContaining("secret");
  }
}
